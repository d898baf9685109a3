import type { ServiceReport } from "./report.ts";
import { pidOf } from "./status.ts";

/** Counts the restarts that happen while services are watched: supervise itself keeps no count. */
export class RestartCounter {
  readonly #pids = new Map<string, number>();
  readonly #counts = new Map<string, number>();

  /** @returns how many restarts of this service there were between the reports counted so far */
  count({ directory, status }: ServiceReport): number {
    const pid = pidOf(status);
    const last = this.#pids.get(directory);
    let count = this.#counts.get(directory) ?? 0;
    if (pid !== 0) {
      if (last !== undefined && last !== pid) count++;
      this.#pids.set(directory, pid);
      this.#counts.set(directory, count);
    }
    return count;
  }
}
