import type { LeftFile } from "./left-files.ts";
import type { LogFile } from "./log-files.ts";

/**
 * What is done with the files of a log as they come, oldest first. A file belongs to whoever calls: who wants to keep it
 * open after `end()` has to hold it.
 */
export interface Reader {
  /** Takes compressed older files too. */
  readonly readsPacked?: boolean;
  /** Takes what is there of a file from its cursor on; more may come. */
  read(file: LogFile): void;
  /**
   * The log goes on in another file, and this one will not grow in the ordinary course.
   *
   * @param isCut The rest of a last line without newline does not come with the next file.
   */
  end(file: LogFile, isCut: boolean): void;
  /** A file is nowhere, or was emptied, and there is no copy of it beside it, unless a compressed one. */
  lose?(file: LogFile): void;
  /** Something about a file cannot be told from what it holds, so that it may be handed over twice. */
  doubt?(path: string, reason: string): void;
}

/** Finds out which file of a log comes next. */
export interface Follower {
  /** What has to be given to the next follower of the log; another array when it changes. */
  readonly left?: readonly LeftFile[] | undefined;
  /** False while something is under way that the next look may decide. */
  readonly isSettled?: boolean;
  /** Where something may happen to the log, beside where it is. */
  readonly directories?: readonly string[];
  /** Hands over, in order, every file in which something may have been added since the last look. */
  look(reader: Reader): void;
  /** Compressed files that begin as a file does, open, newest first. */
  openPacked?(file: LogFile): LogFile[];
  /** A file that was lost is found in a compressed one, or nowhere. */
  settle?(file: LogFile): void;
}

/** What a follower of a file begins with; without anything, all that comes is new but for the files that are beside the log. */
export interface Beginning {
  /** The files of the log, oldest first: open, or closed as they are remembered. */
  readonly files?: readonly LogFile[];
  /** The one of them that was the log at last. */
  readonly followed?: LogFile | undefined;
  /** Those that are to be handed over if they are there, though they are closed. */
  readonly wanted?: readonly LogFile[];
  /** As the follower before had it; undefined if it had none. */
  readonly left?: readonly LeftFile[] | undefined;
  /** If nothing else is known: files last written to after this moment were the log before, in Unix milliseconds. */
  readonly sinceMs?: number | undefined;
}
