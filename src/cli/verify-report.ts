import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { writeOutput } from "../system/output.ts";
import { jsonText, printable } from "../system/printable.ts";
import type { Finding, Report, Summary } from "../verify/finding.ts";
import type { Progress } from "./progress.ts";

/** Writes what is found to standard output, a line each, and a table at the end; if quiet is asked for, only what is not as it should be. */
export class VerifyReport implements Report {
  readonly #isJson: boolean;
  readonly #progress: Progress;
  readonly #total = { batches: 0, sources: 0, objects: 0, records: 0, bytes: 0, holes: 0, findings: 0 };
  #isRead = true;

  constructor(isJson: boolean, progress: Progress) {
    this.#isJson = isJson;
    this.#progress = progress;
  }

  get isComplete(): boolean {
    return this.#total.findings === 0;
  }

  finding(finding: Finding): void {
    this.#total.findings++;
    if (finding.kind === "hole") this.#total.holes++;
    const { kind, subject, text, keys, range } = finding;
    this.#line(`${kind}: ${subject}: ${text}`, () => ({
      event: "finding",
      kind,
      name: subject,
      text,
      keys,
      ...range,
    }));
  }

  summary(summary: Summary): void {
    const { kind, subject, objects, records, bytes, holes, findings } = summary;
    const total = this.#total;
    if (kind === "batch") total.batches++;
    if (kind === "source") total.sources++;
    if (kind !== "file") {
      total.objects += objects;
      total.records += records;
      total.bytes += bytes;
    }
    const isComplete = findings === 0;
    if (isComplete && this.#progress.isQuiet) return;
    const counts =
      kind === "file"
        ? `${bytes} bytes are stored`
        : `${objects} ${objects === 1 ? "object" : "objects"}, ${records} records, ${bytes} bytes`;
    const found = isComplete ? "" : `, ${findings} ${findings === 1 ? "finding" : "findings"}`;
    this.#line(`${isComplete ? "complete" : "incomplete"}: ${subject}: ${counts}${found}`, () => ({
      event: kind,
      name: subject,
      complete: isComplete,
      objects,
      records,
      bytes,
      holes,
      findings,
    }));
  }

  finish(): void {
    if (this.#progress.isQuiet) return;
    const entries = Object.entries(this.#total);
    const widths = entries.map(([name, value]) => Math.max(name.length, String(value).length));
    const row = (cells: readonly (string | number)[]) =>
      cells.map((cell, column) => String(cell).padStart(widths[column]!)).join("  ");
    const table = [row(entries.map(([name]) => name)), row(entries.map(([, value]) => value))];
    if (this.#isJson) this.#line("", () => ({ event: "total", complete: this.isComplete, ...this.#total }));
    else for (const line of table) this.#line(line, () => ({}));
  }

  /** That nobody reads the report any more is no reason to stop: the exit code still tells. */
  #line(text: string, json: () => object): void {
    if (!this.#isRead) return;
    const line = this.#isJson ? jsonText(json()) : printable(text);
    try {
      this.#progress.beside(() => writeOutput(`${line}\n`));
    } catch (error) {
      if (errnoName(error) !== "EPIPE") throw unableTo("write", "standard output", error);
      this.#isRead = false;
    }
  }
}
