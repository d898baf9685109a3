import type { AccessLog } from "../access-log/access-log.ts";
import { pacedPortion, requireRoom } from "../access-log/pace.ts";
import { BatchNames } from "../batches/batch-names.ts";
import { runBatches, runPart } from "../batches/batches.ts";
import { defineCommand } from "../cli/command.ts";
import { destinationOptions, endlessAttempts } from "../cli/destination-options.ts";
import { trafficOptions, zoneFromOptions } from "../cli/generate-options.ts";
import { metricsOption } from "../cli/metrics-option.ts";
import { flag, inGroup, type OptionValues, option, optionOr } from "../cli/options.ts";
import { parsePieceSize } from "../cli/piece-size.ts";
import { reportingTo } from "../cli/receipts.ts";
import { type Stretch, shardOption, stretchFromOptions } from "../cli/shard-option.ts";
import { storingEndlessly } from "../cli/storing.ts";
import { trafficAdvance } from "../cli/traffic-advance.ts";
import { BufferPool } from "../pipeline/buffer-pool.ts";
import { unableToParse } from "../system/errors.ts";
import { parseDuration, parsePositiveDuration, parseSize, wholeNumber } from "../system/quantity.ts";
import { sleep } from "../system/sleep.ts";
import { unixMsOf } from "../time/moment.ts";

const DEFAULT_BATCH_RECORDS = 20_000;

const options = {
  ...inGroup("Records", {
    ...trafficOptions,
    records: option(
      "--records <n>",
      "records in a batch; default 20000, unless --bytes or --duration is given",
      wholeNumber(1),
    ),
    bytes: option("--bytes <size>", "largest batch", parseSize),
    duration: option(
      "--duration <duration>",
      "end a batch after so long, in real time",
      parsePositiveDuration,
    ),
    shard: shardOption,
  }),
  ...inGroup("Batches", {
    interval: optionOr(
      "--interval <duration>",
      "from the start of a batch to the next",
      parseDuration,
      "60s",
    ),
    once: flag("--once", "stop after one batch"),
    batches: option("--batches <n>", "stop after so many batches", wholeNumber(1)),
  }),
  ...inGroup("Pieces", {
    pieceBytes: optionOr("--piece-bytes <size>", "largest piece, at most 1G", parsePieceSize, "2M"),
    pieceRecords: option("--piece-records <n>", "most records in a piece", wholeNumber(1)),
    suffixLength: option(
      "--suffix-length <n>",
      "letters at the end of the names of pieces; default: as needed",
      wholeNumber(1, 100),
    ),
    folderMarker: flag("--no-folder-marker", "no empty object for the folder of each batch"),
    success: flag(
      "--success",
      "put _SUCCESS into the folder of a batch that is stored: what it has, as JSON",
    ),
  }),
  ...destinationOptions,
  ...endlessAttempts,
  ...inGroup("Output", { metrics: metricsOption }),
};

export const run = defineCommand({
  examples: [
    "logship run --to s3://my-logs",
    "logship run --once --records 100000 --format combined --to file:///tmp/out",
    "logship run --interval 10s --piece-bytes 8M --to s3://my-logs/simulated",
  ],
  options,
  async run(chosen, _args, givenHost) {
    const stretch = stretchFromOptions(chosen, givenHost);
    if (stretch && (chosen.batches ?? 1) !== 1)
      throw unableToParse(`--batches ${chosen.batches}`, "with --shard there is one batch");
    const { accessLogFromOptions } = await import("../cli/open-access-log.ts");
    const log = accessLogFromOptions(chosen, givenHost, stretch?.first);
    requireRoom(log, chosen);
    await storingEndlessly(chosen, givenHost, async (means) => {
      const { host, uploader, counts, progress, output, stop, abort } = means;
      means.writeMetrics();
      const zone = zoneFromOptions(chosen, host);
      const { nextSource, advance } = batchSource(chosen, log, stop, stretch);
      if (chosen.once || chosen.batches !== undefined || stretch) progress.show("run", () => advance(counts));
      const batches = {
        nextSource,
        names: new BatchNames(zone),
        limits: {
          bytes: chosen.pieceBytes,
          recordEnd: chosen.format === "script" ? "script" : "line",
          ...(chosen.pieceRecords === undefined ? {} : { records: chosen.pieceRecords }),
        },
        suffixLength: chosen.suffixLength,
        pool: new BufferPool(chosen.pieceBytes),
        uploader,
        isGzip: chosen.gzip,
        hasFolderMarker: chosen.folderMarker,
        hasSuccessMark: chosen.success,
        intervalMs: chosen.interval,
        batches: batchesOf(chosen),
        now: Date.now,
        sleep,
        messages: host.messages,
      } as const;
      await reportingTo(output, abort, () => {
        if (stretch === undefined) return runBatches(batches, stop, abort);
        const part = { shard: stretch.shard, firstRecord: stretch.first };
        return runPart(part, unixMsOf(chosen.start!, zone), batches, abort);
      });
      progress.finish();
    });
    return 0;
  },
});

type Chosen = OptionValues<typeof options>;

function batchesOf({ once, batches }: Chosen): number {
  return once ? 1 : (batches ?? Number.POSITIVE_INFINITY);
}

/**
 * Makes the records of one batch after the other out of one log that goes on from batch to batch, or those of a shard; and
 * tells how far they are stored.
 */
function batchSource(chosen: Chosen, log: AccessLog, stop: AbortSignal, stretch: Stretch | undefined) {
  const { bytes, duration, rate } = chosen;
  const records = stretch?.records ?? chosen.records;
  const isLimited = records !== undefined || bytes !== undefined || duration !== undefined;
  const limits = { records: isLimited ? records : DEFAULT_BATCH_RECORDS, bytes };
  const elapsedMs = () => performance.now();
  const startedMs = elapsedMs();
  const batches = stretch ? 1 : batchesOf(chosen);
  const inAll = (limit: number | undefined) => (limit === undefined ? undefined : limit * batches);
  return {
    nextSource: () =>
      pacedPortion(log, limits, { perSecond: rate, durationMs: duration, elapsedMs, sleep, signal: stop }),
    advance: (stored: { readonly records: number; readonly bytes: number }) =>
      trafficAdvance(
        { records: stored.records, bytes: log.writtenBytes, storedBytes: stored.bytes },
        { records: inAll(limits.records), bytes: inAll(bytes), durationMs: inAll(duration) },
        elapsedMs() - startedMs,
      ),
  };
}
