import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { type Cost, measure } from "./measure.ts";
import type { Stage } from "./stage.ts";

export interface Contender {
  readonly name: string;
  /** Undefined where the program is missing: then it is left out. */
  readonly command: readonly string[] | undefined;
  /** How to get a program that is missing. */
  readonly install?: string;
  /** How many times our wall time and our processor time it should need at least. */
  readonly aim?: { readonly wall?: number; readonly cpu?: number };
}

export interface Work {
  readonly amount: number;
  readonly unit: "MB/s" | "objects/s" | "records/s";
  readonly env?: Record<string, string>;
  /** logship first. */
  readonly contenders: readonly Contender[];
  /** What logship itself should need at most. */
  readonly limit?: { readonly cpuSeconds?: number; readonly peakMiB?: number };
  /** Where the time goes; told where an aim is missed. */
  readonly profile?: string;
  /** Throws if the command that just ended has not done the work. */
  readonly check?: (contender: string) => Promise<void>;
}

/** The rows of a file of the bench: each prepares its work on a stage that is cleared after it. */
export type Rows = Readonly<Record<string, (stage: Stage) => Work | Promise<Work>>>;

/** What was measured, and what it should be at most. */
export interface Budget {
  readonly name: string;
  readonly measured: number;
  readonly limit: number;
  readonly unit: "ms" | "MiB" | "%";
  /** Where it goes; told where the limit is missed. */
  readonly profile?: string;
}

export type BudgetRows = Readonly<Record<string, (stage: Stage) => Promise<readonly Budget[]>>>;

const HEADS = [
  ...["work", "program", "speed", "wall s", "CPU s", "peak MiB"],
  ...["wall, times ours", "CPU, times ours", "aim"],
];

/** RESULTS.md: written after each row, so that what was measured stays when a later one fails. */
export class Table {
  readonly #path: string;
  readonly #rounds: number;
  readonly #rows: string[][] = [];
  readonly #budgets: string[][] = [];
  /** What misses its aim, by where its time goes. */
  readonly #profiles = new Map<string, string[]>();
  readonly #missing = new Set<string>();
  readonly #head: string;

  constructor(rounds: number, path = join(import.meta.dir, "RESULTS.md")) {
    this.#path = path;
    this.#rounds = rounds;
    const [load] = loadavg();
    this.#head = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} x ${cpus()[0]?.model}, Bun ${Bun.version}, load average ${load!.toFixed(1)} at the start. Medians of ${rounds} interleaved rounds.`;
  }

  async add(name: string, work: Work): Promise<void> {
    const medians = await this.#race(work);
    const [ours] = medians[0]!;
    let isMissed = false;
    for (const [cost, { name: program, aim }] of medians) {
      const isOurs = cost === ours;
      const wall = cost.wallMs / ours.wallMs;
      const cpu = cost.cpuMs / ours.cpuMs;
      const verdict = isOurs ? limitOf(work.limit, cost) : aimOf(aim, wall, cpu);
      isMissed ||= verdict.endsWith("missed");
      this.#rows.push([
        isOurs ? name : "",
        program,
        `${Math.round((work.amount * 1000) / cost.wallMs)} ${work.unit}`,
        (cost.wallMs / 1000).toFixed(2),
        (cost.cpuMs / 1000).toFixed(2),
        cost.peakMiB.toFixed(0),
        ...(isOurs ? ["", ""] : [wall.toFixed(2), cpu.toFixed(2)]),
        verdict,
      ]);
      this.#print(this.#rows.at(-1)!);
    }
    if (isMissed) this.#explain(name, work.profile);
    this.#write();
  }

  budget({ name, measured, limit, unit, profile }: Budget): void {
    const text = (value: number) => `${value.toFixed(unit === "%" || value < 10 ? 1 : 0)} ${unit}`;
    this.#budgets.push([name, text(measured), text(limit), measured <= limit ? "met" : "missed"]);
    this.#print(this.#budgets.at(-1)!);
    if (measured > limit) this.#explain(name, profile);
    this.#write();
  }

  async #race({ contenders, env, check }: Work): Promise<[Cost, Contender][]> {
    const present = contenders.filter(({ command }) => command !== undefined);
    for (const { name, command, install } of contenders)
      if (command === undefined) this.#missing.add(`${name} (${install})`);
    const costs = present.map((): Cost[] => []);
    for (let round = 0; round < this.#rounds; round++) {
      for (const [index, { name, command }] of present.entries()) {
        costs[index]!.push(await measure(command!, env, 1));
        await check?.(name);
      }
    }
    return present.map((contender, index) => [medianOf(costs[index]!), contender]);
  }

  #explain(name: string, profile: string | undefined): void {
    if (profile) this.#profiles.set(profile, [...(this.#profiles.get(profile) ?? []), name]);
  }

  #print(cells: readonly string[]): void {
    process.stdout.write(`${lineOf(cells)}\n`);
  }

  #write(): void {
    const paragraphs = [
      "# What `npm run bench` measured",
      this.#head,
      this.#missing.size > 0 ? `Not on that machine, so not measured: ${[...this.#missing].join("; ")}.` : "",
      tableOf(HEADS, this.#rows),
      tableOf(["on one core", "measured", "at most", ""], this.#budgets),
      this.#profiles.size > 0 ? "Where it goes in what misses its aim:" : "",
      [...this.#profiles].map(([profile, names]) => `- ${names.join("; ")}: ${profile}.`).join("\n"),
    ];
    writeFileSync(this.#path, `${paragraphs.filter((text) => text !== "").join("\n\n")}\n`);
  }
}

function limitOf(limit: Work["limit"], { cpuMs, peakMiB }: Cost): string {
  const { cpuSeconds = Number.POSITIVE_INFINITY, peakMiB: mostMiB = Number.POSITIVE_INFINITY } = limit ?? {};
  const parts = [
    Number.isFinite(cpuSeconds) ? `CPU <= ${cpuSeconds} s` : "",
    Number.isFinite(mostMiB) ? `peak <= ${mostMiB} MiB` : "",
  ];
  return verdictOf(parts, cpuMs <= cpuSeconds * 1000 && peakMiB <= mostMiB);
}

function aimOf(aim: Contender["aim"], wall: number, cpu: number): string {
  const { wall: leastWall = 0, cpu: leastCpu = 0 } = aim ?? {};
  const parts = [leastWall > 0 ? `wall >= ${leastWall}` : "", leastCpu > 0 ? `CPU >= ${leastCpu}` : ""];
  return verdictOf(parts, wall >= leastWall && cpu >= leastCpu);
}

function verdictOf(parts: readonly string[], isMet: boolean): string {
  const asked = parts.filter((part) => part !== "").join(", ");
  return asked === "" ? "" : `${asked}: ${isMet ? "met" : "missed"}`;
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return rows.length === 0 ? "" : [heads, heads.map(() => "---"), ...rows].map(lineOf).join("\n");
}

function lineOf(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function medianOf(costs: readonly Cost[]): Cost {
  const median = (pick: (cost: Cost) => number) =>
    costs.map(pick).toSorted((a, b) => a - b)[costs.length >> 1]!;
  return {
    wallMs: median(({ wallMs }) => wallMs),
    cpuMs: median(({ cpuMs }) => cpuMs),
    peakMiB: median(({ peakMiB }) => peakMiB),
  };
}
