import { momentOf } from "../contract/generation-id.ts";
import { isKeyOf, type ShippedPiece } from "../contract/shipped-metadata.ts";
import type { Content } from "./content.ts";
import { Coverage, type Hole } from "./coverage.ts";
import { Findings, type Report } from "./finding.ts";
import { problemsOf } from "./piece-problems.ts";

/** What standard input is called as a source. */
const STDIN = "stdin";

/** One run of bytes of a source. */
interface Generation {
  readonly coverage: Coverage;
  /** Where it began to be shipped; undefined in a directory. */
  readonly start: number | undefined;
  readonly previous: ShippedPiece["previous"];
  readonly lostBytes: number;
  readonly firstKey: string;
}

/** Proves or refutes that what is stored of one source has no gap and nothing twice. Its pieces may come in any order. */
export class ShippedSource {
  readonly #findings: Findings;
  readonly #source: string;
  readonly #sinceMs: number | undefined;
  readonly #generations = new Map<string, Generation>();
  #objects = 0;
  #records = 0;
  #bytes = 0;

  /** @param sinceMs What was stored before that moment is not looked at; undefined to look at all. */
  constructor(host: string, source: string, report: Report, sinceMs: number | undefined) {
    this.#source = source;
    this.#sinceMs = sinceMs;
    this.#findings = new Findings(`${source} of ${host}`, report);
  }

  add(key: string, piece: ShippedPiece, content: Content): void {
    this.#objects++;
    this.#records += content.records;
    this.#bytes += content.bytes;
    const [problem, ...others] = problemsOf(content, piece.recorded);
    if (problem) {
      const texts = [problem, ...others].map(({ text }) => text).join("; ");
      this.#findings.add(problem.kind, `${key}: ${texts}`, [key]);
    }
    this.#place(key, piece, piece.last ?? piece.first + content.bytes);
  }

  /** A piece that could not be unpacked. */
  addDamaged(key: string, piece: ShippedPiece, reason: string): void {
    this.#objects++;
    this.#findings.add("gzip", `${key}: ${reason}`, [key]);
    if (piece.last !== undefined) this.#place(key, piece, piece.last);
  }

  gone(key: string): void {
    this.#findings.add("gone", `${key} was listed, but is not there`, [key]);
  }

  /** Up to where a generation is stored. */
  endOf(generation: string): number {
    return this.#generations.get(generation)?.coverage.end ?? 0;
  }

  finish(): void {
    const ids = [...this.#generations.keys()].sort();
    for (const [index, id] of ids.entries()) this.#tellGeneration(id, ids[index - 1]);
    this.#findings.summarize("source", {
      objects: this.#objects,
      records: this.#records,
      bytes: this.#bytes,
    });
  }

  #place(key: string, piece: ShippedPiece, end: number): void {
    const { generation: id, first, start, previous, lostBytes } = piece;
    let generation = this.#generations.get(id);
    if (!generation) {
      generation = { coverage: new Coverage(), start, previous, lostBytes, firstKey: key };
      this.#generations.set(id, generation);
    }
    if (end === first) return;
    const found = generation.coverage.add(first, end, key);
    if (found.kind === "double") {
      const { overlap, isExact } = found;
      const where = isExact ? `in ${found.key}` : `in ${found.key} or behind it`;
      const text = `bytes ${overlap.from} to ${overlap.to - 1} of ${key} are there already, ${where}`;
      this.#findings.add("double", text, [key, found.key], { unit: "bytes", ...overlap });
    } else if (!isKeyOf(key, piece)) {
      const text = `${key} has bytes ${first} to ${end - 1} of generation ${id} of ${piece.source} of ${piece.host}`;
      this.#findings.add("misplaced", text, [key]);
    }
  }

  /** @param before The generation before it by name; undefined for the first one that is there. */
  #tellGeneration(id: string, before: string | undefined): void {
    const { coverage, start, previous, lostBytes, firstKey } = this.#generations.get(id)!;
    const isCutOff = this.#isLeftOut(id);
    // In a directory nothing tells where the first one began.
    const begin = isCutOff ? undefined : (start ?? (before === undefined ? undefined : 0));
    for (const hole of coverage.holes(begin, Math.max(coverage.end, this.#neededEnd(id))))
      this.#tellHole(id, hole, before === undefined);
    if (previous && !this.#generations.has(previous.generation) && !this.#isLeftOut(previous.generation)) {
      const text = `generation ${previous.generation} is ${missing(before === undefined)}, ${previous.end} bytes that come before ${firstKey}`;
      const range = { unit: "bytes", from: 0, to: previous.end } as const;
      this.#findings.add("hole", text, [firstKey], range);
    }
    if (lostBytes > 0 && !isCutOff) {
      const text = `${lostBytes} bytes before ${firstKey} were lost before they could be shipped, as ship has noted`;
      this.#findings.add("hole", text, [firstKey]);
    }
    // Where there is metadata. Each time that standard input is shipped it is another one.
    const isNew = start !== undefined && previous === undefined && this.#source !== STDIN;
    if (isNew && before !== undefined && !isCutOff) {
      const text = `generation ${id} begins with ${firstKey} and names none before it, though ${before} is there: ship had lost its state, and lines may be there twice`;
      this.#findings.add("again", text, [firstKey]);
    }
  }

  /** Whether a generation was met so early that its beginning may be left out. */
  #isLeftOut(id: string): boolean {
    return this.#sinceMs !== undefined && momentOf(id) < this.#sinceMs;
  }

  /** How far a generation had been shipped when later ones were begun. */
  #neededEnd(id: string): number {
    let end = 0;
    for (const { previous } of this.#generations.values())
      if (previous?.generation === id) end = Math.max(end, previous.end);
    return end;
  }

  #tellHole(id: string, { from, to, after, before }: Hole, isFirst: boolean): void {
    const place =
      after && before ? `between ${after} and ${before}` : before ? `before ${before}` : `behind ${after}`;
    const text = `bytes ${from} to ${to - 1} of generation ${id} are ${missing(isFirst && after === undefined)}, ${place}`;
    const keys = [after, before].filter((key) => key !== undefined);
    this.#findings.add("hole", text, keys, { unit: "bytes", from, to });
  }
}

/** The bucket's lifecycle takes away what is oldest. */
function missing(mayBeExpired: boolean): string {
  return mayBeExpired ? "expired or missing" : "missing";
}
