/** What is not as it should be. */
export type FindingKind =
  /** Records or bytes that are missing between what is there, or before an end that is known. */
  | "hole"
  /** Nothing tells that the end was reached. */
  | "end"
  /** Records or bytes that are there already. */
  | "double"
  /** A log that begins anew without what was before: ship had lost its state, and lines may be there twice. */
  | "again"
  /** What is there, but under another name than it should have. */
  | "misplaced"
  /** An object whose length is not the one recorded. */
  | "length"
  | "checksum"
  /** Another number of records than recorded. */
  | "records"
  /** A record that is not of the format. */
  | "record"
  /** A record that is older than the one before. */
  | "time"
  /** Not what the seed gives. */
  | "content"
  | "gzip"
  /** An object that says nothing, or nothing that makes sense, of what it should hold. */
  | "metadata"
  /** A mark of success that says something else than what is there. */
  | "mark"
  /** An object that is no part of what is verified. */
  | "foreign"
  /** Listed, but not there when it was read. */
  | "gone"
  /** Bytes of a local file that are not stored. */
  | "source"
  | "nothing";

export interface Finding {
  readonly kind: FindingKind;
  /** The batch, or the host and the source, that it is about. */
  readonly subject: string;
  /** A clause for people, with keys and offsets. */
  readonly text: string;
  /** Keys that it is about. */
  readonly keys: readonly string[];
  /** What is missing or double: from the first up to, but not including, the last. */
  readonly range?: { readonly unit: "records" | "bytes"; readonly from: number; readonly to: number };
}

/** What was found of a batch, of what is stored of a source, or of a local file that was shipped. */
export interface Summary {
  readonly kind: "batch" | "source" | "file";
  readonly subject: string;
  readonly objects: number;
  readonly records: number;
  /** Before `--gzip`. */
  readonly bytes: number;
  readonly holes: number;
  /** Findings, holes among them. */
  readonly findings: number;
}

/** Told of what is found as soon as it is certain. */
export interface Report {
  finding(finding: Finding): void;
  summary(summary: Summary): void;
}

/** Counts what one subject is told of. */
export class Findings {
  count = 0;
  holes = 0;
  readonly #subject: string;
  readonly #report: Report;

  constructor(subject: string, report: Report) {
    this.#subject = subject;
    this.#report = report;
  }

  add(kind: FindingKind, text: string, keys: readonly string[], range?: Finding["range"]): void {
    this.count++;
    if (kind === "hole") this.holes++;
    this.#report.finding({ kind, subject: this.#subject, text, keys, ...(range && { range }) });
  }

  summarize(kind: Summary["kind"], counts: { objects: number; records: number; bytes: number }): void {
    const { holes, count: findings } = this;
    this.#report.summary({ kind, subject: this.#subject, ...counts, holes, findings });
  }
}
