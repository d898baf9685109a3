import { fstatSync, readSync } from "node:fs";
import { unableTo } from "../system/errors.ts";
import { openRegularFile } from "../system/regular-file.ts";
import { Findings, type Report } from "./finding.ts";

const NEWLINE = 0x0a;
const READ_BYTES = 256 * 1024;

/** How a stored generation compares with a file. */
interface Comparison {
  /** Bytes that are the same in both. */
  same: number;
  /** The first piece that has something else than the file, and where in the file. */
  difference: { readonly key: string; readonly offset: number } | undefined;
}

/** A file that was shipped and is still there, held against every generation that is stored. */
export class LocalFile {
  readonly #path: string;
  readonly #fd: number;
  readonly #sizeBytes: number;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  /** By the key of a generation. */
  readonly #comparisons = new Map<string, Comparison>();

  /** @throws FatalError `unable to open <path>: <reason>` */
  constructor(path: string) {
    this.#path = path;
    this.#fd = this.#attempt("open", () => openRegularFile(path));
    this.#sizeBytes = this.#attempt("read", () => fstatSync(this.#fd).size);
  }

  /**
   * Compares bytes of a generation that begin at an offset; after the first difference no more.
   *
   * @throws FatalError `unable to read <path>: <reason>`
   */
  compare(generation: string, key: string, offset: number, chunk: Uint8Array): void {
    let comparison = this.#comparisons.get(generation);
    if (!comparison) {
      comparison = { same: 0, difference: undefined };
      this.#comparisons.set(generation, comparison);
    }
    for (let at = 0; at < chunk.length && !comparison.difference; ) {
      const wanted = chunk.subarray(at, at + READ_BYTES);
      const count = this.#read(offset + at, wanted.length);
      const found = this.#buffer.subarray(0, count);
      if (Buffer.compare(found, wanted) !== 0) {
        const index = wanted.findIndex((byte, place) => byte !== found[place]);
        comparison.difference = { key, offset: offset + at + index };
        comparison.same += index;
        return;
      }
      comparison.same += wanted.length;
      at += wanted.length;
    }
  }

  /** @param endOf Up to where a generation is stored. */
  finish(endOf: (generation: string) => number, report: Report): void {
    const findings = new Findings(this.#path, report);
    const [generation, comparison] = this.#best() ?? [];
    if (generation === undefined || comparison === undefined) {
      if (this.#hasLine(0)) findings.add("source", `nothing of ${this.#path} is stored`, []);
    } else if (comparison.difference) {
      const { key, offset } = comparison.difference;
      findings.add("source", `${key} differs from ${this.#path} at byte ${offset}`, [key]);
    } else {
      const end = endOf(generation);
      if (this.#hasLine(end)) {
        const text = `bytes ${end} to ${this.#sizeBytes - 1} of ${this.#path} are not stored`;
        findings.add("source", text, [], { unit: "bytes", from: end, to: this.#sizeBytes });
      }
    }
    findings.summarize("file", { objects: 0, records: 0, bytes: comparison?.same ?? 0 });
  }

  /** The generation that is this file's: one that is the same throughout, else the one that is the same for longest. */
  #best(): [string, Comparison] | undefined {
    const begun = [...this.#comparisons].filter(([, { same }]) => same > 0);
    return begun.sort(
      ([, a], [, b]) =>
        Number(a.difference !== undefined) - Number(b.difference !== undefined) || b.same - a.same,
    )[0];
  }

  /** Whether a line ends behind an offset; what has no end yet is not shipped yet. */
  #hasLine(offset: number): boolean {
    for (let at = offset; at < this.#sizeBytes; ) {
      const count = this.#read(at, READ_BYTES);
      if (count === 0) return false;
      if (this.#buffer.subarray(0, count).includes(NEWLINE)) return true;
      at += count;
    }
    return false;
  }

  #read(offset: number, length: number): number {
    return this.#attempt("read", () =>
      readSync(this.#fd, this.#buffer, 0, Math.min(length, READ_BYTES), offset),
    );
  }

  #attempt<T>(verb: string, call: () => T): T {
    try {
      return call();
    } catch (error) {
      throw unableTo(verb, this.#path, error);
    }
  }
}
