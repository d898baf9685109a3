import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { type Cost, measure } from "./measure.ts";

export interface Contender {
  readonly name: string;
  /** Undefined where the program is missing: then it is left out. */
  readonly command: readonly string[] | undefined;
  /** How to get a program that is missing. */
  readonly install?: string;
}

export interface Work {
  readonly name: string;
  readonly amount: number;
  readonly unit: "MB/s" | "objects/s";
  readonly env?: Record<string, string>;
  /** logship first. */
  readonly contenders: readonly Contender[];
  /** Throws if the command that just ended has not done the work. */
  readonly check?: (contender: string) => Promise<void>;
}

/** What a budget says, and what was measured. */
export interface Budget {
  readonly name: string;
  readonly figure: string;
  readonly limit: string;
}

/** What a version manager of some language has put first in PATH starts more than the program. */
const PEERS_PATH = "/usr/local/bin:/usr/bin:/bin:/command";

export function peer(
  program: string,
  args: readonly string[],
  install: string,
  within: (command: readonly string[]) => readonly string[] = (command) => command,
): Contender {
  const path = Bun.which(program, { PATH: PEERS_PATH });
  return { name: program, command: path === null ? undefined : within([path, ...args]), install };
}

/** RESULTS.md: written after each work, so that what was measured stays when a later one fails. */
export class Table {
  readonly #path = join(import.meta.dir, "RESULTS.md");
  readonly #rounds: number;
  readonly #rows: string[][] = [];
  readonly #budgets: string[][] = [];
  readonly #missing = new Set<string>();
  readonly #head: string;

  constructor(rounds: number) {
    this.#rounds = rounds;
    const load = loadavg().map((value) => value.toFixed(1));
    this.#head = `${new Date().toISOString().slice(0, 16)}Z, ${cpus().length} x ${cpus()[0]?.model}, load average ${load.join(" ")} at the start. Medians of ${rounds} interleaved rounds.`;
  }

  async add(work: Work): Promise<void> {
    const costs = new Map<string, Cost[]>();
    for (let round = 0; round < this.#rounds; round++) {
      for (const { name, command, install } of work.contenders) {
        if (command === undefined) {
          this.#missing.add(`${name} (${install})`);
          continue;
        }
        const cost = await measure(command, work.env, 1);
        await work.check?.(name);
        costs.set(name, [...(costs.get(name) ?? []), cost]);
      }
    }
    const medians = [...costs].map(([name, list]) => [name, medianOf(list)] as const);
    const [ourName, ours] = medians[0]!;
    for (const [name, { wallMs, cpuMs, peakMiB }] of medians) {
      const isOurs = name === ourName;
      const ratios = [wallMs / ours.wallMs, cpuMs / ours.cpuMs].map((ratio) =>
        isOurs ? "" : ratio.toFixed(2),
      );
      this.#rows.push([
        isOurs ? work.name : "",
        name,
        `${Math.round((work.amount * 1000) / wallMs)} ${work.unit}`,
        (wallMs / 1000).toFixed(2),
        (cpuMs / 1000).toFixed(2),
        peakMiB.toFixed(0),
        ...ratios,
      ]);
      this.#print(this.#rows.at(-1)!);
    }
    this.#write();
  }

  budget({ name, figure, limit }: Budget): void {
    this.#budgets.push([name, figure, limit]);
    this.#print(this.#budgets.at(-1)!);
    this.#write();
  }

  #print(cells: readonly string[]): void {
    process.stdout.write(`${lineOf(cells)}\n`);
  }

  #write(): void {
    const heads = [
      "work",
      "program",
      "speed",
      "wall s",
      "CPU s",
      "peak MiB",
      "wall, times ours",
      "CPU, times ours",
    ];
    const text = [
      "# What `npm run bench` measured\n",
      `${this.#head}\n`,
      ...[...this.#missing].map((what) => `Not found on that machine, and so not measured: ${what}.\n`),
      ...tableOf(heads, this.#rows),
      "",
      ...tableOf(["on one core", "measured", "at most"], this.#budgets),
    ];
    writeFileSync(this.#path, `${text.join("\n")}\n`);
  }
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return rows.length === 0 ? [] : [heads, heads.map(() => "---"), ...rows].map(lineOf);
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
