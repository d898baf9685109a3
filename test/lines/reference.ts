/** What src/lines/ does, said as simply as possible. */
import type { Step } from "../../src/lines/steps.ts";

const LINE_BYTES = 1000;

/** What was taken at once, and the stamp of the lines in it; of the first line or part of one another one. */
export interface Taken {
  readonly part: Uint8Array;
  readonly stamp: string;
  readonly firstStamp: string;
}

function groupsOf(steps: readonly Step[]): number {
  return Math.max(1, steps.filter(({ kind }) => kind === "give").length);
}

/** What has become of all that was taken: whole lines, and those that are begun once they have 1000 bytes. */
export function takenOf(steps: readonly Step[], isStamped: boolean, taken: readonly Taken[]) {
  const groups: string[] = new Array(groupsOf(steps)).fill("");
  const kept: (string | undefined)[] = [];
  let shown = "";
  for (const step of steps) if (step.kind === "keep") kept.push(undefined);
  for (const line of linesOf(isStamped, taken)) {
    const text = line.replace(/\n$/, "");
    if (text === line && line.length < LINE_BYTES) continue;
    const cut = text.slice(0, LINE_BYTES);
    let [isSelected, group, keep] = [true, 0, 0];
    if (steps.length === 0) groups[0] += line;
    for (const step of steps) {
      if ("pattern" in step) {
        if (matches(Buffer.from(step.pattern).toString("latin1"), cut)) isSelected = step.kind === "select";
      } else if (step.kind === "give") groups[group++] += isSelected ? line : "";
      else if (step.kind === "keep") kept[keep++] = isSelected ? cut : kept[keep - 1];
      else if (isSelected) shown += `${cut.slice(0, 200)}${cut.length > 200 ? "..." : ""}\n`;
    }
  }
  return { groups, kept, shown };
}

/** Lines with their stamps and newlines; the last one may have none. */
function linesOf(isStamped: boolean, taken: readonly Taken[]): string[] {
  const lines: string[] = [];
  let line = "";
  for (const { part, stamp, firstStamp } of taken) {
    let next = firstStamp;
    let isWithinLine = line !== "";
    for (const byte of part) {
      if (!isWithinLine) line = isStamped ? next : "";
      isWithinLine = byte !== 0x0a;
      line += String.fromCharCode(byte);
      // A part of a line that reaches its 1000th byte is a step of its own.
      if (byte === 0x0a || line.length >= LINE_BYTES) next = stamp;
      if (byte === 0x0a) lines.push(line);
      if (byte === 0x0a) line = "";
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** A star skips to the first place of the byte behind it, and is never taken back. */
function matches(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  if (pattern === "*") return true;
  if (pattern[0] !== "*") return text[0] === pattern[0] && matches(pattern.slice(1), text.slice(1));
  const at = text.indexOf(pattern[1]!);
  return at !== -1 && matches(pattern.slice(1), text.slice(at));
}
