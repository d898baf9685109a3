import { dirname } from "node:path";
import { READ_BYTES, readAt, startAt } from "../follow/content.ts";
import { DirectoryFollower } from "../follow/directory-follower.ts";
import { FileFollower } from "../follow/file-follower.ts";
import type { LogSource } from "../follow/find-log.ts";
import { finishedNames } from "../follow/finished-files.ts";
import { close, isSameFile, type LogFile, openIfThere, sizeOf } from "../follow/log-files.ts";
import { type Snapshot, takeSnapshot } from "../follow/snapshot.ts";
import { type Backlog, type Line, linesBackwards } from "./backwards.ts";
import { LineFollower } from "./line-follower.ts";
import { LineJoiner, type LineSink } from "./line-joiner.ts";

/**
 * A log as it is when this is made: its lines can be read from there back or up to there, and what comes later can be
 * followed from there without a gap.
 */
export class LogView {
  readonly #source: LogSource;
  readonly #snapshot: Snapshot | undefined;
  /** The file that still grows. */
  readonly #newest: LogFile | undefined;
  readonly #end: number;
  readonly #finished: string[];

  constructor(source: LogSource) {
    this.#source = source;
    const isDirectory = source.kind === "directory";
    this.#snapshot = isDirectory ? takeSnapshot(source.path) : undefined;
    this.#finished = this.#snapshot?.finished ?? (isDirectory ? finishedNames(source.path) : []);
    this.#newest = isDirectory ? this.#snapshot?.current : openIfThere(source.path);
    this.#end = this.#newest ? sizeOf(this.#newest) : 0;
  }

  /** Where something happens when the log grows. */
  get directory(): string {
    return this.#source.kind === "directory" ? this.#source.path : dirname(this.#source.path);
  }

  /** The lines, last one first. */
  backwards(): Generator<Line> {
    return linesBackwards(this.#newestFirst());
  }

  /** The lines of all files that have any since a label, oldest first; the line that has no newline yet is the last. */
  *forwards(since: string): Generator<Line> {
    const joiner = new LineJoiner();
    let lines: Line[] = [];
    const take: LineSink = (bytes) => lines.push({ bytes, isPartial: false });
    for (const { file, end, wasCrash } of this.#oldestFirst(since)) {
      for (const bytes of chunksOf(file, end)) {
        joiner.push(bytes, take);
        yield* lines;
        lines = [];
      }
      joiner.endFile(wasCrash, take);
    }
    joiner.end((bytes) => lines.push({ bytes, isPartial: true }));
    yield* lines;
  }

  /**
   * Follows the log from where this view ends.
   *
   * @param partial What was read of the line that had no newline yet.
   */
  follow(partial: Uint8Array | undefined, onLoss: () => void): LineFollower {
    if (this.#newest) startAt(this.#newest, this.#end);
    const { kind, path } = this.#source;
    const files =
      kind === "file"
        ? new FileFollower(path, { followed: this.#newest })
        : new DirectoryFollower(path, this.#snapshot, onLoss);
    return new LineFollower(files, partial);
  }

  /** Lets go of the files. Not for a view that is followed: its follower goes on with them. */
  close(): void {
    close(this.#newest);
    close(this.#snapshot?.previous);
  }

  *#newestFirst(): Generator<Backlog> {
    yield* this.#held();
    for (const name of this.#finished.toReversed()) yield* this.#opened(name);
  }

  *#oldestFirst(since: string): Generator<Backlog> {
    // A finished file got its name when its last line had been written.
    for (const name of this.#finished) if (name >= since) yield* this.#opened(name);
    yield* this.#held().reverse();
  }

  /** `current` and `previous`, which this holds open. */
  #held(): Backlog[] {
    const held: Backlog[] = [];
    if (this.#newest) held.push({ file: this.#newest, end: this.#end, wasCrash: false });
    const previous = this.#snapshot?.previous;
    if (previous) held.push({ file: previous, end: sizeOf(previous), wasCrash: false });
    return held;
  }

  /** A finished file, open until the next one is asked for; none if it has been deleted or is still held as `previous`. */
  *#opened(name: string): Generator<Backlog> {
    const file = openIfThere(`${this.#source.path}/${name}`);
    if (!file) return;
    try {
      const isHeld = this.#held().some((held) => isSameFile(held.file, file));
      if (!isHeld) yield { file, end: sizeOf(file), wasCrash: name.endsWith(".u") };
    } finally {
      close(file);
    }
  }
}

/** The bytes of a file up to its end, each chunk in memory of its own. */
function* chunksOf(file: LogFile, end: number): Generator<Uint8Array> {
  for (let position = 0; position < end; ) {
    const chunk = new Uint8Array(Math.min(READ_BYTES, end - position));
    const count = readAt(file, chunk, position);
    if (count === 0) return;
    position += count;
    yield chunk.subarray(0, count);
  }
}
