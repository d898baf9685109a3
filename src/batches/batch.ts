import { crc32 } from "node:zlib";
import { type BatchPiece, pieceMetadata } from "../contract/batch-metadata.ts";
import { pieceName } from "../contract/batch-names.ts";
import type { Shard } from "../contract/shard.ts";
import { SuccessMark, successName } from "../contract/success-mark.ts";
import { suffixes } from "../contract/suffixes.ts";
import { type OutgoingObject, PLAIN } from "../destination/destination.ts";
import { type Piece, type SplitLimits, splitRecords } from "../pieces/splitter.ts";
import type { BufferPool } from "../pipeline/buffer-pool.ts";
import { compressed } from "../pipeline/compress.ts";
import { throwIfIncomplete } from "../pipeline/conclusion.ts";
import type { Upload, Uploader } from "../pipeline/uploader.ts";
import type { Messages } from "../system/message.ts";

/** Records that were asked for, in chunks; returns false if they were stopped before their end. */
export type BatchSource = AsyncGenerator<Uint8Array, boolean>;

export interface BatchOptions {
  readonly limits: SplitLimits;
  readonly suffixLength: number | undefined;
  readonly pool: BufferPool;
  readonly uploader: Uploader;
  readonly isGzip: boolean;
  /** Put the mark of success once all the rest is stored. */
  readonly hasSuccessMark: boolean;
  readonly messages: Messages;
}

/** The part of a batch that is made here, if others make the rest. */
export interface BatchPart {
  readonly shard: Shard;
  /** The index of its first record in the batch. */
  readonly firstRecord: number;
}

/**
 * Uploads a batch: its pieces, each described by its metadata, and then the mark of success.
 *
 * @returns how many records there were, and false if the source was stopped before its end; then there is no mark
 * @throws FatalError that names what was not uploaded; then there is no mark either
 */
export async function uploadBatch(
  name: string,
  source: BatchSource,
  part: BatchPart | undefined,
  options: BatchOptions,
  abort: AbortSignal,
): Promise<{ records: number; isComplete: boolean }> {
  const { uploader, messages, hasSuccessMark } = options;
  const batch = new Batch(name, source, part, options);
  const upload = async (uploads: AsyncIterator<Upload>) =>
    throwIfIncomplete(await uploader.uploadAll(uploads, abort), "pieces", uploader.destinationName, messages);
  await upload(batch.pieces());
  if (batch.isComplete && hasSuccessMark) await upload(batch.mark());
  return batch;
}

class Batch {
  records = 0;
  isComplete = false;
  readonly #name: string;
  readonly #source: BatchSource;
  readonly #part: BatchPart | undefined;
  readonly #options: BatchOptions;
  readonly #mark: SuccessMark;

  constructor(name: string, source: BatchSource, part: BatchPart | undefined, options: BatchOptions) {
    this.#name = name;
    this.#source = source;
    this.#part = part;
    this.#options = options;
    this.#mark = new SuccessMark(part?.shard, part?.firstRecord ?? 0);
  }

  /** A piece is held until it is known whether it is the last one. */
  async *pieces(): AsyncGenerator<Upload> {
    const { limits, suffixLength, pool } = this.#options;
    const suffix = suffixes(suffixLength);
    let held: Piece | undefined;
    const allocate = (sizeBytes: number) => pool.allocate(sizeBytes);
    const next = (piece: Piece, isLast: boolean) =>
      this.#upload(pieceName(this.#name, suffix.next().value, this.#part?.shard), piece, isLast);
    for await (const piece of splitRecords(this.#noting(), limits, allocate)) {
      if (held) yield next(held, false);
      held = piece.isFollowed ? undefined : piece;
      if (piece.isFollowed) yield next(piece, false);
    }
    if (held) yield next(held, this.isComplete);
  }

  async *mark(): AsyncGenerator<Upload> {
    const key = `${this.#name}/${successName(this.#part?.shard)}`;
    const object = { key, content: this.#mark.content, contentType: "application/json" };
    yield { localName: key, load: async () => object };
  }

  async *#noting(): AsyncGenerator<Uint8Array> {
    this.isComplete = yield* this.#source;
  }

  #upload(name: string, { bytes, records }: Piece, isLast: boolean): Upload {
    const { isGzip, pool, hasSuccessMark } = this.#options;
    const facts: BatchPiece = {
      records,
      firstRecord: (this.#part?.firstRecord ?? 0) + this.records,
      bytes: bytes.length,
      crc32: crc32(bytes),
      isLast,
      shard: this.#part?.shard,
    };
    this.records += records;
    if (hasSuccessMark) this.#mark.add(isGzip ? `${name}.gz` : name, facts);
    const key = `${this.#name}/${name}`;
    const metadata = pieceMetadata(facts);
    const object: OutgoingObject = {
      key,
      content: bytes,
      contentType: PLAIN,
      records,
      metadata,
      crc32: facts.crc32,
    };
    return {
      localName: key,
      load: async () => (isGzip ? compressed(object) : object),
      release(wasAborted) {
        // A broken connection may still be reading from the buffer.
        if (!wasAborted) pool.release(bytes);
      },
    };
  }
}
