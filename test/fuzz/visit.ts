/** Runs the built program once, among strangers, and looks at what it does to whoever runs it. */
import { readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { jsonText } from "../../src/system/printable.ts";
import { runHarmlessly } from "../support/harmless-shell.ts";
import { executable } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import type { Sandbox } from "./sandbox.ts";
import { HARM, SECRET } from "./texts.ts";

export interface Visit {
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly stdin?: Uint8Array;
  /** Standard output and error are a terminal. */
  readonly isOnTerminal: boolean;
  /** The name that it is called by. */
  readonly name?: string;
  /** TERM comes after so long, for what does not end by itself. */
  readonly termAfterMs?: number;
  /** What it says where it waits for something, as it is documented; it may then be killed. */
  readonly waits?: RegExp;
}

/** A busy machine is slow, and doctor may look around for 10 s. */
const LIMIT_MS = 45_000;
const MOST_MIB = 150;
const SAMPLE_MS = 10;
const WAITS_MS = 20_000;
const LATE_MS = 2000;
/** Done; not all is well; wrong usage; try again later. */
const EXIT_CODES = new Set([0, 1, 100, 111]);
const ENDED_BY_TERM = 143;
/** What logship itself writes to a terminal: the line of progress, the dashboard, colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const OWN_SEQUENCES = /\x1b\[(?:J|K|H|2J|\?7[lh]|\?25[lh]|\?1049[lh]|0m|1m|2m|31m|32m|33m|7m)/g;
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u;
const TRACE = /\binternal error\b|\bBun v\d|^\s+at .*:\d+:\d+\)?$|panic\(/m;

/** @returns what was printed @throws Error what is wrong with it */
export async function visit(place: Sandbox, what: Visit): Promise<string> {
  const { output, exitCode, hasEnded, peakMiB } = await ended(place, what);
  const text = output.toString();
  const complain = (problem: string) => {
    throw new Error(
      `${problem}\n  ${[what.name ?? "logship", ...what.args].map((arg) => jsonText(arg)).join(" ")}\n  exit code ${exitCode}, ${Math.round(peakMiB)} MiB, printed ${jsonText(text.slice(0, 4000))}`,
    );
  };
  if (!hasEnded && !what.waits?.test(text)) complain("it did not end");
  if (hasEnded && !EXIT_CODES.has(exitCode) && !(what.termAfterMs && exitCode === ENDED_BY_TERM))
    complain(`exit code ${exitCode}`);
  if (TRACE.test(text)) complain("it tells of itself, not of what is wrong");
  if (peakMiB > MOST_MIB) complain(`${Math.round(peakMiB)} MiB of memory`);
  if (text.includes(SECRET)) complain("a secret is shown");
  if (what.isOnTerminal) expectHarmlessOnTerminal(output, complain);
  expectHarmlessRemedies(text, complain);
  place.expectUntouched();
  return text;
}

function expectHarmlessOnTerminal(output: Buffer, complain: (problem: string) => void): void {
  const text = output.toString();
  if (!Buffer.from(text).equals(output)) complain("what is no UTF-8 is on the terminal");
  const rest = text.replaceAll(OWN_SEQUENCES, "").replaceAll(/\r+\n?|[\n\t]/g, "");
  const unseen = UNSEEN.exec(rest);
  if (unseen) complain(`on the terminal is ${jsonText(unseen[0])}`);
}

/** Those of `doctor --json`, and those that its lines end with. */
function expectHarmlessRemedies(text: string, complain: (problem: string) => void): void {
  const remedies = text.split(/\r?\n/).flatMap((line) => {
    const shown = /^(?:warning|failed) .*?; type: (.*)$/.exec(line)?.[1];
    if (shown !== undefined) return [shown];
    if (!line.startsWith('{"check"')) return [];
    try {
      return JSON.parse(line).remedy ?? [];
    } catch {
      return [];
    }
  });
  if (remedies.length === 0) return;
  try {
    const words = runHarmlessly(remedies).flat(2);
    if (words.includes(HARM) || words.includes("touch"))
      complain(`a remedy is of a stranger: ${jsonText(remedies)}`);
  } catch (error) {
    complain(`a remedy is no command: ${(error as Error).message}: ${jsonText(remedies)}`);
  }
}

interface Outcome {
  readonly output: Buffer;
  readonly exitCode: number;
  readonly hasEnded: boolean;
  readonly peakMiB: number;
}

/** Runs it to its end, or kills it. */
async function ended(
  place: Sandbox,
  { args, env, stdin, isOnTerminal, name, termAfterMs, waits }: Visit,
): Promise<Outcome> {
  const chunks: Buffer[] = [];
  const { promise: isClosed, resolve: close } = Promise.withResolvers<void>();
  const terminal = {
    cols: 100,
    rows: 30,
    data: (_: unknown, bytes: Uint8Array) => void chunks.push(Buffer.from(bytes)),
    exit: () => close(),
  };
  const input =
    name === undefined && stdin === undefined ? "/dev/null" : join(temporaryDirectory("input"), "input");
  if (stdin !== undefined) writeFileSync(input, stdin);
  const program = name === undefined ? executable : join(input, "..", name);
  if (name !== undefined) symlinkSync(executable, program);
  const redirected = ["/bin/sh", "-c", 'exec "$0" "$@" < "$INPUT"', program, ...args];
  const child = Bun.spawn(redirected, {
    cwd: place.path("cwd"),
    env: {
      PATH: "/usr/bin:/bin",
      HOME: place.path("home"),
      TZ: "UTC",
      TERM: "xterm",
      AWS_EC2_METADATA_DISABLED: "true",
      LOGSHIP_SERVICES: place.path("services"),
      LOGSHIP_STATE: place.path("state"),
      ...env,
      INPUT: stdin === undefined ? "/dev/null" : input,
    },
    ...(isOnTerminal ? { terminal } : { stdin: "ignore", stdout: "pipe", stderr: "pipe" }),
  } as Bun.SpawnOptions.OptionsObject<"ignore", "pipe", "pipe">);
  let peakKiB = 0;
  let hasEnded = true;
  const sampler = setInterval(() => {
    peakKiB = Math.max(peakKiB, peakOf(child.pid));
  }, SAMPLE_MS);
  const term = termAfterMs === undefined ? undefined : setTimeout(() => child.kill("SIGTERM"), termAfterMs);
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const killAfter = (ms: number, isDue: () => boolean) => {
    const dueMs = performance.now() + ms;
    const timer = setTimeout(() => {
      timers.delete(timer);
      // Where this process was kept from running, so were the others.
      if (performance.now() > dueMs + LATE_MS) killAfter(ms, isDue);
      else if (isDue()) {
        hasEnded = false;
        child.kill("SIGKILL");
      }
    }, ms);
    timers.add(timer);
  };
  // Who has not said that it waits is given the time of all others: beside much work, much takes as long.
  killAfter(WAITS_MS, () => waits?.test(Buffer.concat(chunks).toString("latin1")) === true);
  killAfter(LIMIT_MS, () => true);
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    for await (const bytes of stream) chunks.push(Buffer.from(bytes));
  };
  await (isOnTerminal ? isClosed : Promise.all([collect(child.stdout), collect(child.stderr)]));
  const exitCode = await child.exited;
  clearInterval(sampler);
  clearTimeout(term);
  for (const timer of timers) clearTimeout(timer);
  child.terminal?.close();
  if (input !== "/dev/null") rmSync(join(input, ".."), { recursive: true });
  return { output: Buffer.concat(chunks), exitCode, hasEnded, peakMiB: peakKiB / 1024 };
}

/** VmHWM counts from exec on. */
function peakOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
