import { expect } from "bun:test";
import { join } from "node:path";
import { type Result, run, type Settings } from "./logship.ts";
import { temporaryDirectory } from "./run-directory.ts";

/** A finding as `doctor --json` prints it. */
export interface Line {
  readonly check: string;
  readonly verdict: "ok" | "warning" | "failed";
  readonly text: string;
  readonly remedy: string | null;
  readonly looked: boolean;
}

export interface Diagnosis extends Result {
  readonly lines: readonly Line[];
}

/** What is expected of a line. */
export interface Expected {
  readonly check: string;
  readonly verdict: "warning" | "failed";
  readonly text: string | RegExp;
  readonly remedy: string | RegExp;
}

/** Runs `logship doctor` where this host has no services and ships nothing, unless the settings say otherwise. */
export async function doctor(args: readonly string[], settings: Settings = {}): Promise<Diagnosis> {
  const nowhere = temporaryDirectory("nowhere");
  const env = {
    LOGSHIP_SERVICES: join(nowhere, "service"),
    LOGSHIP_STATE: join(nowhere, "state"),
    ...settings.env,
  };
  return diagnosis(await run(["doctor", "--json", ...args], { ...settings, env }));
}

/** Reads what a doctor has printed. */
export function diagnosis(result: Result): Diagnosis {
  const lines = result.stdout.split("\n").filter(Boolean);
  return { ...result, lines: lines.map((line) => JSON.parse(line)) };
}

/** All but these is ok. */
export function expectFindings(
  { lines, stderr, exitCode }: Diagnosis,
  exit: number,
  ...expected: Expected[]
): void {
  const found = lines.filter(({ verdict }) => verdict !== "ok");
  expect(found.map(({ check, verdict, text, remedy }) => ({ check, verdict, text, remedy }))).toEqual(
    expected.map(({ text, remedy, ...rest }) => ({
      ...rest,
      text: matching(text),
      remedy: matching(remedy),
    })),
  );
  expect(stderr).toBe("");
  expect(exitCode).toBe(exit);
}

function matching(text: string | RegExp): string {
  return typeof text === "string" ? text : expect.stringMatching(text);
}
