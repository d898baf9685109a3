import { isBatchName } from "../contract/batch-names.ts";
import { hasGeneration } from "../contract/generation-id.ts";
import type { ReadKey } from "../contract/shipped-key.ts";
import { isShipped, type ShippedPiece, shippedKey, shippedPiece } from "../contract/shipped-metadata.ts";
import type { ObjectReader } from "../destination/reader.ts";
import { BatchProof, type BatchProofOptions } from "./batch.ts";
import { type Content, ContentReader, type ContentRules } from "./content.ts";
import type { Report } from "./finding.ts";
import type { LocalFile } from "./local-file.ts";
import {
  NotGzip,
  ObjectStream,
  type Reading,
  type StreamedObject,
  type StreamOptions,
} from "./object-stream.ts";
import { ShippedSource } from "./shipped-source.ts";

export interface VerifyOptions {
  readonly stream: StreamOptions;
  readonly batches: Omit<BatchProofOptions, "report" | "hasMetadata">;
  /** Files that were shipped and are still there. */
  readonly files: readonly LocalFile[];
  /** Reads the keys that pieces were given instead of those of `ship`, where there is no metadata. */
  readonly readKey: ReadKey | undefined;
  /** What was stored before that hour is left out; undefined to look at all. */
  readonly sinceMs: number | undefined;
  readonly report: Report;
  /** Told, before anything is read, where it can be seen how far that is. */
  readonly onStart: (reading: Reading) => void;
}

const MOST_MARK_BYTES = 8 * 1024 * 1024;

/**
 * Reads all that is below a destination's prefix and reports what is not as it should be.
 *
 * @throws FatalError if something could not be looked at
 */
export async function verify(options: VerifyOptions): Promise<void> {
  const verification = new Verification(options);
  const stream = new ObjectStream(options.stream);
  options.onStart(stream);
  for await (const object of stream.objects()) await verification.look(object);
  verification.finish();
}

class Verification {
  readonly #reader: ObjectReader;
  readonly #options: VerifyOptions;
  readonly #batchOptions: BatchProofOptions;
  #batch: BatchProof | undefined;
  /** The number of the first record of the next batch in the log that the seed gives. */
  #nextRecord = 0;
  readonly #sources = new Map<string, ShippedSource>();
  readonly #sourceOfGeneration = new Map<string, ShippedSource>();
  #objects = 0;

  constructor(options: VerifyOptions) {
    this.#options = options;
    this.#reader = options.stream.reader;
    this.#batchOptions = {
      ...options.batches,
      report: options.report,
      hasMetadata: this.#reader.hasMetadata,
    };
  }

  async look(object: StreamedObject): Promise<void> {
    const { key } = object;
    const folder = batchFolder(key);
    if (folder !== this.#batch?.folder) this.#finishBatch();
    if (folder !== undefined) await this.#lookInBatch(folder, object);
    else if (!key.endsWith("/") || object.sizeBytes > 0) await this.#lookAtOther(object);
  }

  finish(): void {
    this.#finishBatch();
    for (const source of this.#sources.values()) source.finish();
    for (const file of this.#options.files)
      file.finish(
        (generation) => this.#sourceOfGeneration.get(generation)!.endOf(generation),
        this.#options.report,
      );
    if (this.#objects > 0) return;
    const subject = this.#reader.name;
    const { report, sinceMs } = this.#options;
    const since = sinceMs === undefined ? "" : ` since ${new Date(sinceMs).toISOString().slice(0, 16)}Z`;
    report.finding({ kind: "nothing", subject, text: `there is nothing${since}`, keys: [] });
  }

  async #lookInBatch(folder: string, object: StreamedObject): Promise<void> {
    const { key } = object;
    this.#batch ??= new BatchProof(folder, this.#nextRecord, this.#batchOptions);
    this.#objects++;
    const batch = this.#batch;
    if (key === `${folder}/` && object.sizeBytes === 0) return;
    const part = batch.partOf(key);
    if (part === "of another shard") return;
    if (part === "foreign") batch.foreign(key);
    else if (object.isGone) batch.gone(key);
    else if (part === "mark") batch.addMark(key, await wholeOf(object, MOST_MARK_BYTES));
    else {
      const piece = batch.awaited(key, object.metadata);
      // Not the key: `access.T.log.gz` is the 182nd piece of a batch.
      const content = await contentOf(object, piece.place.isGzip, piece.rules);
      if (content instanceof NotGzip) batch.addDamaged(piece, content.message);
      else batch.add(piece, content);
    }
  }

  #finishBatch(): void {
    this.#batch?.finish();
    this.#nextRecord = this.#batch?.nextRecord ?? this.#nextRecord;
    this.#batch = undefined;
  }

  async #lookAtOther(object: StreamedObject): Promise<void> {
    const { key, metadata, isGone } = object;
    this.#objects++;
    const piece = isShipped(metadata)
      ? shippedPiece(metadata)
      : this.#reader.hasMetadata
        ? undefined
        : shippedKey(key, this.#options.readKey);
    if (isGone) this.#foreign("gone", key, "was listed, but is not there");
    else if (piece) await this.#lookAtShipped(object, piece);
    else if (isShipped(metadata)) this.#foreign("metadata", key, "has metadata that ship does not write");
    else if (hasGeneration(key) && !this.#reader.hasMetadata)
      this.#foreign("foreign", key, "has a key of a form of its own: --key tells verify what ship was given");
    else this.#foreign("foreign", key, "was stored neither by run nor by ship");
  }

  async #lookAtShipped(object: StreamedObject, piece: ShippedPiece): Promise<void> {
    const { key } = object;
    const { generation } = piece;
    const source = this.#sourceOf(piece);
    let offset = piece.first;
    const each = (chunk: Uint8Array) => {
      for (const file of this.#options.files) file.compare(generation, key, offset, chunk);
      offset += chunk.length;
    };
    const content = await contentOf(object, key.endsWith(".gz"), { format: "none", each });
    if (content instanceof NotGzip) source.addDamaged(key, piece, content.message);
    else source.add(key, piece, content);
  }

  #sourceOf({ host, source, generation }: ShippedPiece): ShippedSource {
    const name = `${host}\0${source}`;
    let shipped = this.#sources.get(name);
    if (!shipped) {
      shipped = new ShippedSource(host, source, this.#options.report, this.#options.sinceMs);
      this.#sources.set(name, shipped);
    }
    if (this.#options.files.length > 0) this.#sourceOfGeneration.set(generation, shipped);
    return shipped;
  }

  #foreign(kind: "foreign" | "gone" | "metadata", key: string, what: string): void {
    const { report } = this.#options;
    report.finding({ kind, subject: this.#reader.name, text: `${key} ${what}`, keys: [key] });
  }
}

/** The key of the batch's folder that an object lies in. */
function batchFolder(key: string): string | undefined {
  const parts = key.split("/");
  const index = parts.findIndex((part, place) => place < parts.length - 1 && isBatchName(part));
  return index < 0 ? undefined : parts.slice(0, index + 1).join("/");
}

async function contentOf(
  object: StreamedObject,
  isGzip: boolean,
  rules: ContentRules,
): Promise<Content | NotGzip> {
  const reader = new ContentReader(rules);
  try {
    for await (const chunk of object.content(isGzip)) reader.add(chunk);
  } catch (error) {
    if (error instanceof NotGzip) return error;
    throw error;
  }
  return reader.finish();
}

async function wholeOf(object: StreamedObject, mostBytes: number): Promise<Uint8Array> {
  if (object.sizeBytes > mostBytes) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  for await (const chunk of object.stored()) chunks.push(chunk);
  return Buffer.concat(chunks);
}
