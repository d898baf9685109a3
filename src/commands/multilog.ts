import { readFileSync, writeSync } from "node:fs";
import { isStartedAnew } from "../address-space.ts";
import { defineCommand, type Host } from "../cli/command.ts";
import { wishes } from "../log-writer-signals.ts";
import { copyLinesTo } from "../multilog/copied-line.ts";
import { openStandardInput } from "../multilog/input/standard-input.ts";
import { attempt } from "../multilog/log-directory.ts";
import { openLogWriter } from "../multilog/multilog.ts";
import { warnAlways, warnRarely } from "../multilog/pauses.ts";
import type { Processors } from "../multilog/processor.ts";
import { parseScript } from "../multilog/script.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import { hostFiles } from "../system/files.ts";
import { restoreSignal, unblockSignals } from "../system/libc.ts";
import { printMessage } from "../system/message.ts";
import { shownOn } from "../system/shown.ts";
import { realTime } from "../tai64n/clock.ts";

export const multilogCommand = defineCommand({
  positional: "[actions...]",
  options: {},
  isRaw: true,
  examples: ["some-server 2>&1 | logship multilog t n5 s999999 ./main"],
  terms: {
    title: "Actions, in the order in which a line runs through them",
    rows: [
      ["t", "stamp each line with a TAI64N label; only as the first action"],
      ["-PATTERN", "deselect the lines that match; * is anything up to the character behind it"],
      ["+PATTERN", "select the lines that match"],
      ["e", "copy the first 200 bytes of a selected line to standard error"],
      ["=FILE", "keep the last selected line in a file of 1001 bytes"],
      ["sSIZE", "largest file of the directories that follow, in bytes (default 99999, at least 4096)"],
      ["nCOUNT", "files in the directories that follow, current among them (default 10, at least 2)"],
      ["!COMMAND", "run each finished file of the directories that follow through a command"],
      ["./DIR, /DIR", "write the selected lines into a directory"],
    ],
  },
  notes: "TERM ends it and loses nothing that was read; ALRM rotates now.",
  run: async (_options, args) => {
    const failure = await writeLogs(args, "logship", true);
    if (failure !== undefined) throw unableTo("read", "standard input", failure);
    return 0;
  },
});

/** daemontools' multilog: says less, ignores more. */
export async function standInMultilog(args: string[], { program }: Host): Promise<number> {
  restoreSignal("SIGPIPE");
  try {
    await writeLogs(args, program, false);
    return 0;
  } catch (error) {
    if (!(error instanceof FatalError)) throw error;
    printMessage(program, "fatal", error.message);
    return error.exitCode;
  }
}

/** @returns the error that ended the input, undefined if it ended by itself or was told to */
async function writeLogs(args: string[], program: string, isStrict: boolean): Promise<unknown> {
  const script = parseScript(rawArguments(args), isStrict);
  process.umask(0o022);
  const start = attempt("switch to", "current directory", () => hostFiles.openDirectory("."));
  unblockSignals("SIGTERM", "SIGALRM");
  const warn = (text: string) => printMessage(program, "warning", text);
  const processors: Processors = {
    run: runProcessor,
    reportFailedStart: (text) => printMessage(program, "fatal", text),
  };
  const waiting = { warn, sleep: Bun.sleepSync };
  const obstacles = isStrict ? warnRarely(waiting) : warnAlways(waiting);
  const surroundings = {
    ...{ files: hostFiles, clock: realTime, obstacles, processors },
    namesFollowNewest: isStrict,
  };
  const copyLine = copyLinesTo(shownOn(2, (data) => writeSync(2, data)).write);
  const writer = openLogWriter(script, start, surroundings, copyLine);
  return writer.run(openStandardInput(!isStrict), wishes);
}

const runProcessor: Processors["run"] = (command, { previous, processed, state, newState }) => {
  const stdio = [previous, processed, "inherit", "ignore", state, newState];
  // Otherwise it inherits the environment as it is, byte by byte.
  const environment = isStartedAnew ? { env: process.env } : {};
  const options = { argv0: "sh", stdio, ...environment };
  const { exitCode, signalCode } = Bun.spawnSync(["/bin/sh", "-c", command], options as never);
  return { exitCode, signal: signalCode === undefined || signalCode === null ? null : String(signalCode) };
};

/** The arguments as bytes; those that are not UTF-8 arrive damaged and are read from the process again. */
function rawArguments(args: string[]): Uint8Array[] {
  if (!args.some((arg) => arg.includes("\ufffd"))) return args.map((arg) => Buffer.from(arg));
  const all = readFileSync("/proc/self/cmdline");
  const raw: Uint8Array[] = [];
  for (let at = 0, end = all.indexOf(0); end !== -1; at = end + 1, end = all.indexOf(0, at)) {
    raw.push(all.subarray(at, end));
  }
  return raw.slice(raw.length - args.length);
}
