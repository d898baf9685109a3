import type { Destination } from "../destination/destination.ts";
import { countingTo, type Metric, MetricsFile, UploadCounts } from "../pipeline/metrics.ts";
import type { Uploader } from "../pipeline/uploader.ts";
import { type StopSignals, stopSignals } from "../system/stop-signals.ts";
import type { Host } from "./command.ts";
import { type DestinationOptions, openFromOptions, uploaderTo } from "./destination-options.ts";
import { Progress } from "./progress.ts";
import { ReceiptLines, unheldMessages } from "./receipts.ts";

/** What a command that stores objects works with. */
export interface Storing extends Pick<StopSignals, "stop" | "abort"> {
  /** The one the command was given, with messages that hold nothing back and leave the progress whole. */
  readonly host: Host;
  readonly destination: Destination;
  readonly progress: Progress;
  readonly output: ReceiptLines;
}

/**
 * Opens the destination and does the work of a command that stores objects; however that ends, no progress is left and all
 * messages that somebody reads are written.
 *
 * @throws FatalError as opening the destination and the work do
 */
export async function storing(
  options: DestinationOptions,
  givenHost: Host,
  work: (means: Storing) => Promise<void>,
): Promise<void> {
  const progress = new Progress(options.quiet, givenHost);
  const { messages, close } = unheldMessages(progress);
  const host = { ...givenHost, messages };
  const destination = await openFromOptions(options, host);
  const { stop, abort, release } = stopSignals(options.grace);
  try {
    const output = new ReceiptLines(options.json, messages, progress);
    await work({ host, destination, progress, output, stop, abort });
  } finally {
    progress.end();
    await close(abort);
    release();
  }
}

/** What a command works with that goes on by itself. */
export interface EndlessStoring extends Storing {
  readonly uploader: Uploader;
  /** Of what the uploader has stored. */
  readonly counts: UploadCounts;
  /** Writes metrics of the uploader and these from now on, if they are wanted. */
  writeMetrics(collect?: () => Metric[]): void;
}

interface EndlessOptions extends DestinationOptions {
  readonly attempts: number | undefined;
  readonly metrics: string | undefined;
}

/** As `storing()`, with an uploader that tries on until it works again unless the options say otherwise. */
export async function storingEndlessly(
  options: EndlessOptions,
  givenHost: Host,
  work: (means: EndlessStoring) => Promise<void>,
): Promise<void> {
  await storing(options, givenHost, async (means) => {
    const { destination, output, host } = means;
    const counts = new UploadCounts();
    const attempts = options.attempts ?? Number.POSITIVE_INFINITY;
    const counted = countingTo(output, counts, Date.now);
    const uploader = uploaderTo(destination, { ...options, attempts }, counted, host);
    let metrics: MetricsFile | undefined;
    const writeMetrics = (collect = (): Metric[] => []) => {
      if (options.metrics === undefined) return;
      metrics = new MetricsFile(options.metrics, host.messages, () => [
        ...counts.metrics(uploader),
        ...collect(),
      ]);
    };
    try {
      await work({ ...means, uploader, counts, writeMetrics });
    } finally {
      metrics?.close();
    }
  });
}
