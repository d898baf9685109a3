import { basename, dirname } from "node:path";
import { LogWatch } from "../diary/log-watch.ts";
import type { DiaryEntry } from "../diary/summary.ts";
import type { ShippedSource } from "../ship/overview.ts";
import { FatalError } from "../system/errors.ts";
import { glanceAt, type ServiceReport } from "./report.ts";
import { RestartCounter } from "./restart-counter.ts";
import type { ServiceStatus } from "./status.ts";
import { SPAN_MS, Throughput } from "./throughput.ts";

/** A service at one moment, and what was seen of it until then. */
export interface WatchedService {
  readonly directory: string;
  /** It is the logger of a service that is watched too. */
  readonly isLogOfOther: boolean;
  readonly status: ServiceStatus;
  readonly restarts: number;
  /** What was written into its log; undefined for a logger, and where there is no log. */
  readonly throughput: Throughput | undefined;
  readonly trouble: DiaryEntry | undefined;
  /** Why the log cannot be read. */
  readonly problem: string | undefined;
}

/** Something that is shipped, and how fast. */
export interface WatchedSource {
  readonly source: ShippedSource;
  readonly throughput: Throughput;
}

interface Watched {
  readonly throughput: Throughput;
  readonly log: LogWatch;
}

/** Looks at services and at what is shipped again and again. */
export class ServiceWatch {
  readonly #restarts = new RestartCounter();
  readonly #watched = new Map<string, Watched>();
  readonly #sources = new Map<string, { throughput: Throughput; last: ShippedSource }>();

  /** @param directories Services and their loggers. */
  services(directories: readonly string[], nowMs: number): WatchedService[] {
    return directories.map((directory) => {
      const report = glanceAt(directory, nowMs);
      const isLogOfOther = report.isLog && directories.includes(dirname(directory));
      return {
        directory,
        isLogOfOther,
        status: report.status,
        restarts: this.#restarts.count(report),
        ...(isLogOfOther ? NO_LOG : this.#lookAtLog(report, nowMs)),
      };
    });
  }

  sources(sources: readonly ShippedSource[], nowMs: number): WatchedSource[] {
    return sources.map((source) => {
      const known = this.#sources.get(source.source);
      const throughput = known?.throughput ?? new Throughput();
      if (known) throughput.add(acknowledgedSince(known.last, source), nowMs);
      this.#sources.set(source.source, { throughput, last: source });
      return { source, throughput };
    });
  }

  #lookAtLog({ directory }: ServiceReport, nowMs: number): Pick<WatchedService, keyof typeof NO_LOG> {
    let watched = this.#watched.get(directory);
    if (!watched) {
      const throughput = new Throughput();
      watched = { throughput, log: new LogWatch(directory, (bytes, atMs) => throughput.add(bytes, atMs)) };
      this.#watched.set(directory, watched);
    }
    const { throughput, log } = watched;
    try {
      const isLog = log.look(nowMs, nowMs - SPAN_MS);
      return { throughput: isLog ? throughput : undefined, trouble: log.trouble, problem: undefined };
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      return { ...NO_LOG, trouble: log.trouble, problem: error.message };
    }
  }
}

/** Bytes that were acknowledged between two looks; what was forgotten in between is not counted. */
function acknowledgedSince(last: ShippedSource, now: ShippedSource): number {
  let bytes = 0;
  for (const [id, { start, position }] of now.acknowledged)
    bytes += Math.max(0, position - (last.acknowledged.get(id)?.position ?? start));
  return bytes;
}

const NO_LOG = { throughput: undefined, trouble: undefined, problem: undefined };

/** `requisitions`, and `requisitions/log` for its logger. */
export function serviceName(directory: string): string {
  const name = basename(directory);
  return name === "log" ? `${basename(dirname(directory))}/log` : name;
}
