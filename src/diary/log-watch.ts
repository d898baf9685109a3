import { findLog } from "../follow/find-log.ts";
import { finishedNames } from "../follow/finished-files.ts";
import { statIfThere } from "../follow/paths.ts";
import { parseLabel } from "../tai64n/label.ts";
import { LogView } from "./log-view.ts";
import { type DiaryEntry, entryOf, isTrouble, LOOK_BACK_BYTES, LOOK_BACK_LINES } from "./summary.ts";

/** Told of bytes that were written to a log, and when. */
export type WrittenSink = (bytes: number, atMs: number) => void;

/** A look at a busy log may read so much of what has been added. */
const MOST_READ_BYTES = 1024 * 1024;

/** Looks at a log directory again and again, and reads no more of it than what has been added. */
export class LogWatch {
  /** The last warning or fatal line. */
  trouble: DiaryEntry | undefined;
  readonly #path: string;
  readonly #written: WrittenSink;
  /** What was there at the last look; undefined before the first one. */
  #parts: ReadonlyMap<number, Part> | undefined;

  /**
   * @param path The directory, a service or the log of a service.
   * @param written Told of what was written between two looks; the first time, of what its lines say of themselves.
   */
  constructor(path: string, written: WrittenSink) {
    this.#path = path;
    this.#written = written;
  }

  /**
   * @param sinceMs How far back lines count that were written before the first look.
   * @returns false if there is no log directory
   * @throws FatalError where the log cannot be read; the next look tries again
   */
  look(nowMs: number, sinceMs: number): boolean {
    const source = findLog(this.#path);
    if (source?.kind !== "directory") return false;
    const parts = partsIn(source.path);
    const view = new LogView(source);
    try {
      if (this.#parts === undefined) this.#readPast(view, sinceMs);
      else this.#readAdded(view, growthOf(this.#parts, parts), nowMs);
    } finally {
      view.close();
    }
    this.#parts = parts;
    return true;
  }

  #readPast(view: LogView, sinceMs: number): void {
    let isRecent = true;
    for (const { entry, bytes } of linesBack(view, LOOK_BACK_BYTES)) {
      this.trouble ??= isTrouble(entry) ? entry : undefined;
      const atMs: number = isRecent ? timeOf(entry) : 0;
      isRecent &&= atMs >= sinceMs;
      if (isRecent) this.#written(bytes, atMs);
      else if (this.trouble) break;
    }
  }

  #readAdded(view: LogView, growth: number, nowMs: number): void {
    if (growth === 0) return;
    this.#written(growth, nowMs);
    for (const { entry } of linesBack(view, Math.min(growth, MOST_READ_BYTES))) {
      if (!isTrouble(entry)) continue;
      this.trouble = entry;
      break;
    }
  }
}

/** Unix time in milliseconds; 0 for a line without a label. */
function timeOf({ label }: DiaryEntry): number {
  return label === undefined ? 0 : (parseLabel(label)?.unixSeconds ?? 0) * 1000;
}

/** The last lines, last one first, up to so many bytes. */
function* linesBack(view: LogView, mostBytes: number): Generator<{ entry: DiaryEntry; bytes: number }> {
  let lineCount = 0;
  let byteCount = 0;
  for (const { bytes } of view.backwards()) {
    if (lineCount++ >= LOOK_BACK_LINES || byteCount >= mostBytes) return;
    byteCount += bytes.length + 1;
    yield { entry: entryOf(bytes), bytes: bytes.length + 1 };
  }
}

interface Part {
  readonly sizeBytes: number;
  readonly isFinished: boolean;
}

/** The files that lines are in, by inode. */
function partsIn(directory: string): Map<number, Part> {
  const parts = new Map<number, Part>();
  const add = (name: string, isFinished: boolean) => {
    const stats = statIfThere(`${directory}/${name}`);
    if (stats) parts.set(stats.ino, { sizeBytes: stats.size, isFinished });
  };
  for (const name of finishedNames(directory)) add(name, true);
  add("previous", false);
  add("current", false);
  return parts;
}

/**
 * What was written between two looks. A rotated file keeps its inode, unless a processor has put another in its place, which is
 * seen by one more file that is finished for one that is gone. What was deleted before it was seen is not counted.
 */
function growthOf(before: ReadonlyMap<number, Part>, now: ReadonlyMap<number, Part>): number {
  const gone = [...before].filter(([inode, { isFinished }]) => !isFinished && !now.has(inode));
  const finished = [...now].filter(([inode, { isFinished }]) => isFinished && !before.has(inode));
  const wasProcessed = finished.length <= gone.length;
  let growth = 0;
  for (const [inode, { sizeBytes, isFinished }] of now) {
    const earlier = before.get(inode);
    if (!earlier && isFinished && wasProcessed) continue;
    growth += Math.max(0, sizeBytes - (earlier?.sizeBytes ?? 0));
  }
  return growth;
}
