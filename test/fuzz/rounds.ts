/** Case after case of every stranger, until the time is over; what fails is made smaller. */
import { cpus } from "node:os";
import fc from "fast-check";
import { jsonText } from "../../src/system/printable.ts";
import { Sandbox } from "./sandbox.ts";
import type { Stranger } from "./stranger.ts";
import { STRANGERS } from "./strangers.ts";

export interface Rounds {
  /** Decides every case; how many there are is decided by the time, but for a first round of each stranger. */
  readonly seed: number;
  readonly seconds: number;
  /** All, unless some are named. */
  readonly names?: readonly string[];
  /** Called with each failure at once. */
  readonly onFailure?: (failure: string) => void;
}

export interface Sum {
  /** How many of each stranger. */
  readonly cases: Readonly<Record<string, number>>;
  /** Each with how to repeat it. */
  readonly failures: readonly string[];
}

/** One round is so many cases of one stranger. */
const CASES = 15;
/** A case is made smaller for so long. */
const SHRINKING_MS = 60_000;

export async function fuzz(rounds: Rounds): Promise<Sum> {
  const { seed, seconds, names = Object.keys(STRANGERS), onFailure } = rounds;
  const endMs = performance.now() + seconds * 1000;
  const cases: Record<string, number> = Object.fromEntries(names.map((name) => [name, 0]));
  const failures: string[] = [];
  const failed = new Set<string>();
  let turn = 0;
  const worker = async () => {
    while ((turn < names.length || performance.now() < endMs) && failed.size < names.length) {
      const name = names[turn % names.length]!;
      const round = Math.floor(turn++ / names.length);
      if (failed.has(name)) continue;
      const { count, failure } = await playRound(
        STRANGERS[name]!,
        seedOf(seed, round),
        round === 0 ? Number.POSITIVE_INFINITY : endMs,
      );
      cases[name]! += count;
      if (failure === undefined || failed.has(name)) continue;
      failed.add(name);
      failures.push(
        `${name}: ${failure}\nagain: npm run fuzz -- --seed ${seed} --only ${name} --round ${round}`,
      );
      onFailure?.(failures.at(-1)!);
    }
  };
  await Promise.all(Array.from({ length: 2 * cpus().length }, worker)); // most wait for something
  return { cases, failures };
}

/** Plays one round again. */
export async function fuzzAgain(name: string, seed: number, round: number): Promise<string | undefined> {
  return (await playRound(STRANGERS[name]!, seedOf(seed, round), Number.POSITIVE_INFINITY)).failure;
}

function seedOf(seed: number, round: number): number {
  return (Math.imul(seed, 0x9e3779b1) + Math.imul(round, 0x85ebca6b)) | 0;
}

async function playRound({ cases, meet }: Stranger, seed: number, endMs: number) {
  let count = 0;
  let firstFailureMs: number | undefined;
  const property = fc.asyncProperty(cases, async (said) => {
    const isOver = firstFailureMs !== undefined && performance.now() > firstFailureMs + SHRINKING_MS;
    if (isOver || (firstFailureMs === undefined && performance.now() > endMs)) return;
    count++;
    using place = new Sandbox();
    try {
      await meet(place, said);
    } catch (error) {
      firstFailureMs ??= performance.now();
      throw error;
    }
  });
  const details = await fc.check(property, { seed, numRuns: CASES });
  if (!details.failed) return { count, failure: undefined };
  const reason = (details.errorInstance as Error | null)?.message ?? "";
  return { count, failure: `${reason}\ncase: ${jsonText(legible(details.counterexample?.[0]), 1)}` };
}

/** With bytes as text, in which each character is one of them. */
function legible(value: unknown): unknown {
  if (value instanceof Uint8Array) return { latin1: Buffer.from(value).toString("latin1") };
  if (Array.isArray(value)) return value.map(legible);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, legible(part)]));
}
