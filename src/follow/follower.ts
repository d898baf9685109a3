import type { OpenFile } from "./log-files.ts";
import type { OlderFile } from "./older-files.ts";

/**
 * What is done with the files of a log as they come, oldest first. A file belongs to whoever calls: who wants to keep it
 * open after `end()` has to hold it.
 */
export interface Reader {
  /** Takes compressed older files too. */
  readonly readsGzip?: boolean;
  /** Takes what is there of a file from its offset on; more may come. */
  read(file: OpenFile): void;
  /**
   * The log goes on in another file, and this one will not grow in the ordinary course.
   *
   * @param isCut The rest of a last line without newline does not come with the next file.
   */
  end(file: OpenFile, isCut: boolean): void;
  /** What was not yet read of a file is gone with it: it was emptied, and there is no copy of it beside it. */
  lose?(file: OpenFile): void;
}

/** Finds out which file of a log comes next. */
export interface Follower {
  /** What has to be given to the next follower of the log; another array when it changes. */
  readonly older?: readonly OlderFile[] | undefined;
  /** Hands over, in order, every file in which something may have been added since the last look. */
  look(reader: Reader): void;
}
