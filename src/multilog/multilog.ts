import { READ_BYTES } from "../lines/layout.ts";
import { append } from "./append.ts";
import { finish } from "./finish.ts";
import type { StandardInput } from "./input/standard-input.ts";
import { endLine, takeInput, type Wishes } from "./intake.ts";
import { prepareActions } from "./line-actions.ts";
import { type Deliver, INPUT_BYTES, PlainLines, ScriptedLines } from "./lines.ts";
import type { LogDirectory } from "./log-directory.ts";
import { openLogDirectories, setAside } from "./open-directory.ts";
import { type NewLines, resume } from "./resume.ts";
import { rotate } from "./rotation.ts";
import type { Script } from "./script.ts";
import { MARGIN_BYTES } from "./split.ts";
import type { Surroundings } from "./surroundings.ts";
import { hashOf, Unwritten } from "./unwritten.ts";

export interface LogWriter {
  /**
   * Writes input into the directories until it ends or the end is wanted; then every `current` is complete.
   *
   * @returns the error that ended the input, if one did; all that was read before it is written
   */
  run(input: StandardInput, wishes: Wishes): Promise<unknown>;
}

/**
 * Opens all files of a script.
 *
 * @param start A descriptor of the directory that names are relative to.
 * @throws FatalError if something cannot be opened; then nothing has been read
 */
export function openLogWriter(
  script: Script,
  start: number,
  surroundings: Surroundings,
  copyToStandardError: (lines: Buffer) => void,
): LogWriter {
  const actions = prepareActions(script.actions, surroundings, copyToStandardError);
  const settings = script.actions.filter((action) => action.kind === "log");
  const unwritten = new Unwritten(surroundings, keyOf(script));
  const logs = openLogDirectories(settings, start, surroundings, (log) => unwritten.meet(log));
  const groups = Array.from({ length: actions.groupCount }, (_, group) =>
    logs.filter((_, index) => actions.groupOf[index] === group),
  );
  const deliver: Deliver = (group, delivery, length) => {
    for (const log of groups[group] ?? []) append(log, delivery, length, surroundings);
  };
  const isPlain = !script.isStamped && actions.steps.length === 0;
  const newLines: NewLines = (input, clock, deliver) =>
    isPlain
      ? new PlainLines(input, deliver)
      : new ScriptedLines(input, script.isStamped, actions, clock, deliver);
  return {
    async run(input, wishes) {
      const lines = resume(unwritten, groups, newLines, deliver, surroundings);
      for (const log of logs) {
        // A line whose end is still to come goes on in its file.
        const goesOn = log.isInLine && !lines.isBetweenLines;
        if (log.isLeftOver && !goesOn) setAside(log, surroundings);
      }
      const bytesToRead = () => {
        const mayWait = logs.some(({ settings }) => settings.processor !== undefined);
        return unwritten.isKept && !mayWait ? INPUT_BYTES : readBeforeRotation(logs, script.isStamped);
      };
      const rotateNow = () => rotateAll(logs, surroundings);
      const { clock } = surroundings;
      const intake = { lines, unwritten, clock, bytesToRead, rotateNow };
      // The rest of the line has gone to the one who wrote in between.
      if (unwritten.hadOtherWriter) endLine(intake);
      const failure = await takeInput(intake, input, wishes);
      endLine(intake);
      for (const log of logs) finish(log, surroundings);
      return failure;
    },
  };
}

/** Two scripts with the same key make the same bytes of the same lines for each directory. */
function keyOf(script: Script): number {
  const parts = script.actions.map((action) => {
    if (action.kind === "log") return `log ${action.name}`;
    return "pattern" in action ? `${action.kind} ${Buffer.from(action.pattern).toString("hex")}` : "";
  });
  return hashOf(`${script.isStamped} ${parts.join("\n")}`);
}

/**
 * How much to read at once where a kill would lose it, or a processor may take its time while it waits: what fits into
 * each `current` before it may be rotated, in whole reads of daemontools. So a kill during a rotation loses no more of
 * what was read than it does there, and no line is stamped much before it is written.
 */
function readBeforeRotation(logs: readonly LogDirectory[], isStamped: boolean): number {
  let room = INPUT_BYTES;
  for (const { settings, currentBytes } of logs) {
    room = Math.min(room, settings.sizeBytes - MARGIN_BYTES - currentBytes);
  }
  // Stamps take room as well; how much, only the lines will tell.
  const reads = Math.floor((isStamped ? room * 0.75 : room) / READ_BYTES);
  return Math.max(1, reads) * READ_BYTES;
}

function rotateAll(logs: readonly LogDirectory[], surroundings: Surroundings): void {
  for (const log of logs) {
    if (log.currentBytes > 0) surroundings.obstacles.overcome(() => rotate(log, surroundings));
  }
}
