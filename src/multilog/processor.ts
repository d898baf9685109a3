import { FatalError, reasonOf } from "../system/errors.ts";
import type { Files } from "../system/files.ts";
import { type LogDirectory, UNFINISHED_MODE } from "./log-directory.ts";

/** The descriptors of a processor: 0, 1, 4 and 5; it has 2 in common with the writer, and no 3. */
export interface ProcessorFiles {
  readonly previous: number;
  readonly processed: number;
  readonly state: number;
  readonly newState: number;
}

export interface Processors {
  /** Runs `sh -c command` in the working directory and waits for it. Throws the system's error if it cannot start. */
  run(
    command: string,
    files: ProcessorFiles,
  ): { readonly exitCode: number | null; readonly signal: string | null };
  /** Tells the operator why a processor could not be started. */
  reportFailedStart(text: string): void;
}

/**
 * Puts `previous` through the processor into `processed`, and `state` into `newstate`; both are begun anew.
 *
 * @throws FatalError `processor failed in <directory>, pausing`, or `processor crashed in …` when a signal ended it
 */
export function processPrevious(
  log: LogDirectory,
  command: string,
  files: Files,
  processors: Processors,
): void {
  const opened: number[] = [];
  const open = (fd: number) => {
    opened.push(fd);
    return fd;
  };
  try {
    const { exitCode, signal } = processors.run(command, {
      previous: open(files.openToRead("previous")),
      processed: open(files.openEmpty("processed", UNFINISHED_MODE)),
      state: open(files.openToRead("state")),
      newState: open(files.openEmpty("newstate", UNFINISHED_MODE)),
    });
    if (signal !== null)
      throw new FatalError(`processor crashed in ${log.name}, pausing: killed by ${signal}`);
    if (exitCode !== 0) throw new FatalError(`processor failed in ${log.name}, pausing`);
  } catch (error) {
    if (error instanceof FatalError) throw error;
    processors.reportFailedStart(`unable to run ${command}: ${reasonOf(error)}`);
    throw new FatalError(`processor failed in ${log.name}, pausing`);
  } finally {
    for (const fd of opened) files.close(fd);
  }
}
