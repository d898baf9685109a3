import { writeSync } from "node:fs";
import { printable } from "./printable.ts";

export type Level = "fatal" | "warning" | "info";

/** Where the core reports what an operator should know; it never prints by itself. */
export interface Messages {
  warning(text: string): void;
  info(text: string): void;
}

/**
 * One message line, `logship: warning: text` and a newline. Control bytes in the text, which come from
 * names the user or a server chose, are escaped, so that a message is always one line and never moves the cursor.
 */
export function formatMessage(program: string, level: Level, text: string): string {
  return `${program}: ${level}: ${printable(text)}\n`;
}

/** Writes one message line to standard error in one write. */
export function printMessage(program: string, level: Level, text: string): void {
  writeError(formatMessage(program, level, text));
}

/** Writes a line to standard error that is in another program's form, such as a usage line. */
export function printLine(text: string): void {
  writeError(`${printable(text)}\n`);
}

function writeError(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Standard error is closed or full: nobody is left to be told, but the exit code still tells.
  }
}

/** Messages under the program's own name, as lines that are given to `write`. */
export function messagesTo(write: (line: string) => void): Messages {
  return {
    warning: (text) => write(formatMessage("logship", "warning", text)),
    info: (text) => write(formatMessage("logship", "info", text)),
  };
}

/** Warnings alone. */
export function withoutInfos(messages: Messages): Messages {
  return { warning: (text) => messages.warning(text), info() {} };
}

/** Messages to standard error; a pipe that is full makes them wait. */
export const standardError = messagesTo(writeError);
