/** What a case says: how a program is run, and what it must print and leave. */

/** One run of a program with its result. What is not given is empty, 0 or, for `directories`, not looked at. */
export interface Run {
  /** Arguments of the program that the case is about. */
  readonly args?: readonly string[];
  /** Or a whole command, in which the program is found in PATH. */
  readonly command?: readonly string[];
  /** Signals that are blocked and pending when the program starts. */
  readonly pending?: readonly NodeJS.Signals[];
  /** Standard input as a file. */
  readonly input?: Data;
  readonly inputPath?: string;
  /** Or as a FIFO, and what happens to it and to the program. */
  readonly steps?: readonly Step[];
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
  readonly stdout?: Data | RegExp;
  readonly stderr?: Data | RegExp;
  readonly minMs?: number;
  /** Where the input file stands afterwards. */
  readonly inputOffset?: number;
  /** What is still in the FIFO afterwards. */
  readonly inputLeft?: string;
  readonly directories?: Directories;
  readonly setup?: readonly Setup[];
}

export interface Case extends Run {
  readonly title: string;
  readonly needsRoot?: boolean;
  /** Why the original behaves differently, as DEVIATIONS.md has it; it is not run then. */
  readonly deviates?: string;
  readonly environment?: Record<string, string>;
  /** Several runs in the same directory. */
  readonly runs?: readonly Run[];
}

export type Data = string | Buffer;

export type Step =
  | { readonly write: Data }
  | { readonly signal: NodeJS.Signals }
  | { readonly sleepMs: number }
  | { readonly directories: Directories }
  | { readonly setup: readonly Setup[] }
  /** A command in which $PID is the program's. */
  | { readonly shell: string }
  | "close"
  | "still runs"
  | "has ended";

/** What lies there before a run. */
export interface Setup {
  readonly path: string;
  readonly data?: Data;
  readonly kind?: "directory" | "fifo" | "hardlink";
  readonly target?: string;
  readonly mode?: number;
}

/** All files of each directory; `@1.s`, `@2.u` stand for new labels in their order. */
export type Directories = Record<string, Record<string, ExpectedFile>>;

export interface ExpectedFile {
  readonly mode?: number;
  readonly size?: number;
  readonly data?: Data;
  readonly sha256?: string;
  /** The text with `@T` for each label at the start of a line. */
  readonly unlabelled?: string;
  readonly matches?: RegExp;
  readonly links?: number;
  readonly isDirectory?: boolean;
}

/** The files that stay beside `current`. */
export const lock = { lock: { mode: 0o600, data: "" } };
export const state = { state: { mode: 0o644, data: "" } };

/** Bytes, written as characters up to 255. */
export function bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

export function join(...parts: Data[]): Buffer {
  return Buffer.concat(parts.map((part) => Buffer.from(part as string)));
}

export function repeat(text: string, times: number): Buffer {
  return Buffer.from(text.repeat(times));
}

/** Lines of numbers with leading zeros, ten bytes each if the width is nine. */
export function numbered(from: number, to: number, width: number): Buffer {
  let text = "";
  for (let number = from; number <= to; number++) text += `${String(number).padStart(width, "0")}\n`;
  return Buffer.from(text);
}

/** Text in which each `@T` is a label. */
export function unlabelled(text: string): RegExp {
  return new RegExp(`^${text.replaceAll("@T", "@[0-9a-f]{24}")}$`);
}
