import { closeSync, openSync, renameSync, unlinkSync, writeSync } from "node:fs";
import { describe, reasonOf } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { replaceableName } from "../system/replaced-file.ts";
import { temporaryName } from "../system/temporary-name.ts";
import { Trouble } from "../system/trouble.ts";
import type { Receipt, Uploader } from "./uploader.ts";

/** One metric with its values, as Prometheus knows them. */
export interface Metric {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
  readonly values: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: number }[];
}

const EVERY_MS = 15_000;

/**
 * Writes metrics to a file for node_exporter's textfile collector, every 15 seconds and at the end: under a temporary name
 * that ends in `.tmp`, which the collector ignores, and then renamed. A failure is a warning, also that by now something
 * has the name which is no file.
 */
export class MetricsFile {
  readonly #path: string;
  readonly #collect: () => Metric[];
  readonly #trouble: Trouble;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(path: string, messages: Messages, collect: () => Metric[]) {
    this.#path = path;
    this.#collect = collect;
    this.#trouble = new Trouble(messages);
    this.#timer = setInterval(() => this.#write(), EVERY_MS);
    this.#write();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#write();
  }

  #write(): void {
    let temporary: string | undefined;
    try {
      const target = replaceableName(this.#path);
      temporary = temporaryName(target);
      const fd = openSync(temporary, "wx", 0o644);
      try {
        for (let rest = Buffer.from(formatMetrics(this.#collect())); rest.length > 0; )
          rest = rest.subarray(writeSync(fd, rest));
      } finally {
        closeSync(fd);
      }
      renameSync(temporary, target);
      this.#trouble.isOver(`${this.#path} can be written again`);
    } catch (error) {
      this.#trouble.warn(describe("write", this.#path, reasonOf(error)));
      if (temporary !== undefined) removeQuietly(temporary);
    }
  }
}

/** Counts what was stored, for metrics. */
export class UploadCounts {
  #objects = 0;
  #bytes = 0;
  #records = 0;
  #lastSeconds = 0;

  get bytes(): number {
    return this.#bytes;
  }

  get records(): number {
    return this.#records;
  }

  add({ sizeBytes, records }: Receipt, nowMs: number): void {
    this.#objects++;
    this.#bytes += sizeBytes ?? 0;
    this.#records += records ?? 0;
    this.#lastSeconds = nowMs / 1000;
  }

  metrics({ isFailing }: Uploader): Metric[] {
    return [
      counter("logship_uploaded_objects_total", "Objects stored since the start.", this.#objects),
      counter("logship_uploaded_bytes_total", "Bytes of these objects, as they are stored.", this.#bytes),
      counter("logship_uploaded_records_total", "Records in these objects.", this.#records),
      gauge(
        "logship_last_upload_timestamp_seconds",
        "When an object was last stored; 0 if none was.",
        this.#lastSeconds,
      ),
      gauge("logship_upload_failing", "1 while the destination keeps failing.", isFailing ? 1 : 0),
    ];
  }
}

/** An output that counts what it is told as well. */
export function countingTo(
  output: { report(receipt: Receipt): void },
  counts: UploadCounts,
  now: () => number,
): { report(receipt: Receipt): void } {
  return {
    report(receipt) {
      counts.add(receipt, now());
      output.report(receipt);
    },
  };
}

/** The text exposition format (prometheus.io, "Exposition formats", version 0.0.4). */
export function formatMetrics(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap(({ name, type, help, values }) => [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...values.map(({ labels = {}, value }) => `${name}${labelText(labels)} ${value}`),
  ]);
  return `${lines.join("\n")}\n`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapedLabel(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(",")}}` : "";
}

function escapedLabel(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function counter(name: string, help: string, value: number): Metric {
  return { name, type: "counter", help, values: [{ value }] };
}

function gauge(name: string, help: string, value: number): Metric {
  return { name, type: "gauge", help, values: [{ value }] };
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made.
  }
}
