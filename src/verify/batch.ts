import type { FormatName } from "../access-log/format.ts";
import { type RecordedPiece, recordedOf } from "../contract/batch-metadata.ts";
import { type PiecePlace, piecePlace } from "../contract/batch-names.ts";
import { type Shard, shardOf, shardText, stretchOf } from "../contract/shard.ts";
import { markOf } from "../contract/success-mark.ts";
import { tellEnd } from "./batch-end.ts";
import type { Content, ContentRules } from "./content.ts";
import { Coverage, type Fit } from "./coverage.ts";
import { Findings, type Report } from "./finding.ts";
import type { GeneratedLog } from "./generated-log.ts";
import { problemsOf } from "./piece-problems.ts";
import { type NameOrder, Strand } from "./strand.ts";

export interface BatchProofOptions {
  /** False for a directory, where only success marks say what there should be. */
  readonly hasMetadata: boolean;
  /** Undefined: the one that the first record has. */
  readonly format: FormatName | undefined;
  /** How many records a batch has, over all shards, if that is known beforehand. */
  readonly records: number | undefined;
  /** The only one to look at. */
  readonly shard: Shard | undefined;
  readonly generated: GeneratedLog | undefined;
  readonly report: Report;
}

/** A piece whose content is about to be read. */
export interface AwaitedPiece {
  readonly key: string;
  readonly place: PiecePlace;
  /** How its name lies to those before. */
  readonly name: NameOrder;
  readonly recorded: RecordedPiece | undefined;
  readonly rules: ContentRules;
}

/** What an object in the folder of a batch is. */
export type PartOfBatch = "piece" | "mark" | "foreign" | "of another shard";

/** Where no offset is written, clocks set back make times run backwards by up to an hour. */
const CLOCK_SET_BACK_SECONDS = 3600;

/** Proves or refutes that a batch of `run` is complete. Its objects have to come in the order of their keys. */
export class BatchProof {
  readonly folder: string;
  readonly #name: string;
  readonly #options: BatchProofOptions;
  readonly #findings: Findings;
  /** The number of its first record in the log that the seed gives. */
  readonly #firstRecord: number;
  readonly #strands = new Map<number, Strand>();
  readonly #coverage = new Coverage();
  #format: FormatName | undefined;
  #last: { readonly end: number; readonly seconds: number | undefined; readonly key: string } | undefined;
  #pieces = 0;
  #records = 0;
  #bytes = 0;
  #unrecorded: { readonly key: string; count: number } | undefined;
  /** Pieces are missing of which nothing says how many records they had. */
  #isOutOfStep = false;

  /** @param folder The key of the folder, without the slash at its end. */
  constructor(folder: string, firstRecord: number, options: BatchProofOptions) {
    this.folder = folder;
    this.#name = folder.slice(folder.lastIndexOf("/") + 1);
    this.#options = options;
    this.#findings = new Findings(folder, options.report);
    this.#firstRecord = firstRecord;
    this.#format = options.format;
  }

  /** The number of the record behind its last one in the log that the seed gives, as far as can be told. */
  get nextRecord(): number {
    return this.#firstRecord + (this.#options.records ?? this.#coverage.end);
  }

  partOf(key: string): PartOfBatch {
    const name = this.#nameOf(key);
    const place = piecePlace(this.#name, name);
    const marked = shardOfMark(name);
    if (!place && marked === undefined) return "foreign";
    const shard = place ? place.shard : marked || undefined;
    const { shard: wanted } = this.#options;
    if (wanted && (!shard || shardText(shard) !== shardText(wanted))) return "of another shard";
    return place ? "piece" : "mark";
  }

  addMark(key: string, content: Uint8Array): void {
    const shard = shardOfMark(this.#nameOf(key)) || undefined;
    const mark = markOf(key, content, shard);
    if (mark) this.#strandOf(shard).mark = mark;
    else this.#findings.add("mark", `${key} is no mark of success that run has written`, [key]);
  }

  foreign(key: string): void {
    this.#findings.add("foreign", `${key} is no part of the batch`, [key]);
  }

  gone(key: string): void {
    this.#findings.add("gone", `${key} was listed, but is not there`, [key]);
  }

  /** What the content of a piece has to be, before it is read. */
  awaited(key: string, metadata: Readonly<Record<string, string>>): AwaitedPiece {
    const ownName = this.#nameOf(key);
    const place = piecePlace(this.#name, ownName)!;
    const strand = this.#strandOf(place.shard);
    const own = recordedOf(metadata, place.shard);
    const recorded = own ?? strand.mark?.list?.get(ownName);
    // A copy without any is whole by what the mark lists.
    if (!own && recorded && metadata.records !== undefined)
      this.#findings.add("metadata", `${key} has metadata that run does not write`, [key]);
    const name = strand.takeName(place);
    if (!recorded && name === "gap" && !this.#isOutOfStep) {
      this.#isOutOfStep = true;
      this.#findings.add("hole", `pieces are missing before ${key}, nothing says how many records`, [key]);
    }
    const { generated } = this.#options;
    const firstRecord = recorded?.firstRecord ?? this.#nextOf(strand);
    const isCompared = generated !== undefined && !this.#isOutOfStep;
    if (isCompared) generated.seek(this.#firstRecord + firstRecord);
    const rules: ContentRules = {
      format: this.#format ?? "any",
      compare: isCompared ? (chunk) => generated.compare(chunk) : undefined,
    };
    return { key, place, name, recorded, rules };
  }

  /** Takes a piece with what was read of it. */
  add(piece: AwaitedPiece, content: Content): void {
    const { key, place, recorded } = piece;
    const strand = this.#strandOf(place.shard);
    this.#pieces++;
    this.#records += content.records;
    this.#bytes += content.bytes;
    strand.add(content);
    this.#format ??= content.format;
    if (!recorded) this.#noteUnrecorded(key);
    const problems = problemsOf(content, recorded);
    if (content.records === 0 && (recorded?.records ?? 0) === 0)
      problems.push({ kind: "records", text: "it has no records" });
    const [problem] = problems;
    if (problem)
      this.#findings.add(problem.kind, `${key}: ${problems.map(({ text }) => text).join("; ")}`, [key]);
    else this.#options.generated?.advance(content.records);
    this.#place(strand, piece, content.records, problem ? undefined : content);
  }

  /** A piece that could not be unpacked. */
  addDamaged(piece: AwaitedPiece, reason: string): void {
    const { key, place, recorded } = piece;
    const strand = this.#strandOf(place.shard);
    this.#pieces++;
    strand.pieces++;
    this.#findings.add("gzip", `${key}: ${reason}`, [key]);
    if (recorded) this.#place(strand, piece, recorded.records, undefined);
    else this.#isOutOfStep = true;
  }

  /** Tells what only the whole batch can tell. */
  finish(): void {
    this.#tellUnrecorded();
    tellEnd({
      ...this.#options,
      strands: [...this.#strands.values()],
      coverage: this.#coverage,
      isOutOfStep: this.#isOutOfStep,
      findings: this.#findings,
    });
    this.#findings.summarize("batch", {
      objects: this.#pieces,
      records: this.#records,
      bytes: this.#bytes,
    });
  }

  #nameOf(key: string): string {
    return key.slice(this.folder.length + 1);
  }

  #strandOf(shard: Shard | undefined): Strand {
    const number = shard?.number ?? 0;
    let strand = this.#strands.get(number);
    if (!strand) {
      strand = new Strand(shard);
      this.#strands.set(number, strand);
    }
    return strand;
  }

  /** The number of the first record of the next piece of a strand, if it follows the one before. */
  #nextOf(strand: Strand): number {
    const { records } = this.#options;
    if (strand.nextRecord !== undefined) return strand.nextRecord;
    if (strand.mark) return strand.mark.firstRecord;
    if (strand.shard && records !== undefined) return stretchOf(strand.shard, records).first;
    return this.#coverage.end;
  }

  /** Puts a piece where its records belong, and tells if that is not where its name stands. */
  #place(
    strand: Strand,
    { key, name, recorded }: AwaitedPiece,
    records: number,
    sound: Content | undefined,
  ): void {
    strand.lastKey = key;
    if (!recorded && name === "again")
      this.#findings.add("double", `there is another piece of the name of ${key}`, [key]);
    if (this.#isOutOfStep && !recorded) return;
    const from = recorded?.firstRecord ?? this.#nextOf(strand);
    const to = from + (recorded?.records ?? records);
    if (to === from) return;
    const found = this.#coverage.add(from, to, key);
    if (found.kind === "double" || found.kind === "late") this.#tellPlace(found, { from, to }, key);
    else if (recorded && found.kind === "next" && name !== "next")
      this.#findings.add("misplaced", `${key} follows by its records, but not by its name`, [key]);
    else if (strand.last && strand.last.end <= from)
      this.#findings.add("end", `${key} comes behind ${strand.last.key}, which is said to be the last one`, [
        key,
        strand.last.key,
      ]);
    strand.nextRecord = Math.max(strand.nextRecord ?? 0, to);
    if (recorded?.isLast) strand.last = { key, end: to };
    this.#compareTimes(from, to, key, sound);
  }

  #tellPlace(found: Fit, { from, to }: { from: number; to: number }, key: string): void {
    if (found.kind === "late") {
      const text = `${key} has records ${from} to ${to - 1}, which belong before those of ${found.before}`;
      this.#findings.add("misplaced", text, [key, found.before]);
    } else if (found.kind === "double") {
      const { overlap, isExact } = found;
      const where = isExact ? `in ${found.key}` : `in ${found.key} or behind it`;
      const text = `records ${overlap.from} to ${overlap.to - 1} of ${key} are there already, ${where}`;
      this.#findings.add("double", text, [key, found.key], { unit: "records", ...overlap });
    }
  }

  /** Only pieces that are as they should be tell whether their times follow each other. */
  #compareTimes(from: number, to: number, key: string, sound: Content | undefined): void {
    const before = this.#last;
    const first = sound?.firstSeconds;
    const tolerance = this.#format === "script" ? CLOCK_SET_BACK_SECONDS : 0;
    if (before?.seconds !== undefined && first !== undefined && before.end === from)
      if (first < before.seconds - tolerance) {
        const text = `${key} begins ${before.seconds - first} s before the end of ${before.key}`;
        this.#findings.add("time", text, [key, before.key]);
      }
    this.#last = { end: to, seconds: sound?.lastSeconds, key };
  }

  #noteUnrecorded(key: string): void {
    if (this.#unrecorded) this.#unrecorded.count++;
    else this.#unrecorded = { key, count: 1 };
  }

  #tellUnrecorded(): void {
    if (!this.#unrecorded || !this.#options.hasMetadata) return;
    const { key, count } = this.#unrecorded;
    const others = count === 1 ? "" : ` and ${count - 1} others`;
    this.#findings.add("metadata", `${key}${others}: there is no metadata of a piece of run`, [key]);
  }
}

/** Undefined for the name of no mark, false for the mark of a batch without shards. */
function shardOfMark(name: string): Shard | false | undefined {
  if (name === "_SUCCESS") return false;
  return name.startsWith("_SUCCESS.") ? shardOf(name.slice("_SUCCESS.".length)) : undefined;
}
