import { writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { type Cost, measure } from "./measure.ts";

export interface Contender {
  readonly name: string;
  /** The first is logship's own; a later one whose program is missing is left out. */
  readonly command: readonly string[];
  /** What to install where the program is missing. */
  readonly install?: string;
}

export interface Work {
  readonly name: string;
  readonly amount: number;
  readonly unit: "MB/s" | "objects/s" | "records/s" | "ms";
  readonly env?: Record<string, string>;
  readonly contenders: readonly Contender[];
  /** Throws if the command that just ended has not done the work. */
  readonly check?: (contender: string) => void | Promise<void>;
}

const PEERS_PATH = "/usr/local/bin:/usr/bin:/bin:/command";

/** Where a peer is, or undefined. Programs that a version manager of some language put first in PATH do not count. */
export function peer(name: string): string | undefined {
  return Bun.which(name, { PATH: PEERS_PATH }) ?? undefined;
}

/** RESULTS.md, written anew after each work, so that what is measured stays when a later work fails. */
export class Table {
  readonly #path = join(import.meta.dir, "RESULTS.md");
  readonly #rounds: number;
  readonly #rows: string[] = [];
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
        if (command[0] === "" && install) {
          this.#missing.add(install);
          continue;
        }
        const cost = await measure(command, work.env, 1);
        await work.check?.(name);
        costs.set(name, [...(costs.get(name) ?? []), cost]);
      }
    }
    const medians = [...costs].map(([name, list]) => [name, medianOf(list)] as const);
    const ours = medians[0]![1];
    for (const [name, { wallMs, cpuMs, peakMiB }] of medians) {
      const speed =
        work.unit === "ms"
          ? `${wallMs.toFixed(1)} ms`
          : `${Math.round((work.amount * 1000) / wallMs)} ${work.unit}`;
      const cells = [
        name === medians[0]![0] ? work.name : "",
        name,
        speed,
        (cpuMs / 1000).toFixed(3),
        peakMiB.toFixed(0),
        (wallMs / ours.wallMs).toFixed(2),
        (cpuMs / ours.cpuMs).toFixed(2),
      ];
      this.#row(cells);
    }
    this.#write();
  }

  /** A figure that stands beside its limit, not beside a peer. */
  budget(name: string, figure: string, cpuSeconds: string, peakMiB: string, limit: string): void {
    this.#row([name, "logship", figure, cpuSeconds, peakMiB, limit, ""]);
    this.#write();
  }

  #row(cells: readonly string[]): void {
    const line = `| ${cells.join(" | ")} |`;
    process.stdout.write(`${line}\n`);
    this.#rows.push(line);
  }

  #write(): void {
    const missing = [...this.#missing].map((install) => `Not found here: ${install}.\n`);
    const heads = "| work | program | speed | CPU s | peak MiB | wall, times ours | CPU, times ours |";
    const text = [
      "# What `npm run bench` measured\n",
      `${this.#head}\n`,
      ...missing,
      heads,
      "|---|---|---|---|---|---|---|",
      ...this.#rows,
    ];
    writeFileSync(this.#path, `${text.join("\n")}\n`);
  }
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
