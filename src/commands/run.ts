import { pacedPortion } from "../access-log/pace.ts";
import { BatchNames } from "../pipeline/batch-names.ts";
import { runBatches } from "../pipeline/batches.ts";
import { BufferPool } from "../pipeline/buffer-pool.ts";
import { Uploader } from "../pipeline/uploader.ts";
import { SentMemory } from "../system/memory.ts";
import { parseDuration, parsePositiveDuration, parseSize, wholeNumber } from "../system/quantity.ts";
import { sleep } from "../system/sleep.ts";
import { stopSignals } from "../system/stop-signals.ts";
import { defineCommand } from "./command.ts";
import { destinationOptions, openFromOptions } from "./destination-options.ts";
import { accessLogFromOptions, trafficOptions, zoneFromOptions } from "./generate-options.ts";
import { flag, option, optionOr } from "./options.ts";
import { ReceiptLines } from "./receipts.ts";

const DEFAULT_BATCH_RECORDS = 20_000;

export const run = defineCommand({
  options: {
    interval: optionOr(
      "--interval <duration>",
      "from the start of a batch to the next",
      parseDuration,
      "60s",
    ),
    once: flag("--once", "stop after one batch"),
    batches: option("--batches <n>", "stop after so many batches", wholeNumber(1)),
    ...trafficOptions,
    records: option(
      "--records <n>",
      "records in a batch; default 20000, unless --bytes or --duration is given",
      wholeNumber(1),
    ),
    bytes: option("--bytes <size>", "largest batch", parseSize),
    duration: option("--duration <duration>", "end a batch after so long", parsePositiveDuration),
    pieceBytes: optionOr("--piece-bytes <size>", "largest piece", parseSize, "2M"),
    pieceRecords: option("--piece-records <n>", "most records in a piece", wholeNumber(1)),
    suffixLength: option(
      "--suffix-length <n>",
      "letters behind the names of pieces; without it, as many as needed",
      wholeNumber(1, 100),
    ),
    folderMarker: flag("--no-folder-marker", "do not put an empty object for the folder of each batch"),
    attempts: option(
      "--attempts <n>",
      "tries for each object; without it, until the destination works again",
      wholeNumber(1),
    ),
    ...destinationOptions,
  },
  async run(options, _, host) {
    const { stop, abort, release } = stopSignals(options.grace);
    try {
      const destination = await openFromOptions(options, host);
      const log = accessLogFromOptions(options, host);
      const isLimited =
        options.records !== undefined || options.bytes !== undefined || options.duration !== undefined;
      const limits = { records: isLimited ? options.records : DEFAULT_BATCH_RECORDS, bytes: options.bytes };
      const pacing = {
        perSecond: options.rate,
        durationMs: options.duration,
        elapsedMs: () => performance.now(),
        sleep,
        signal: stop,
      };
      const output = new ReceiptLines(options.json);
      const sent = new SentMemory();
      const uploader = new Uploader({
        destination,
        concurrency: options.concurrency,
        attempts: options.attempts ?? Number.POSITIVE_INFINITY,
        random: Math.random,
        sleep,
        messages: host.messages,
        report(receipt) {
          output.report(receipt);
          sent.add(receipt.sizeBytes ?? 0);
        },
      });
      const batches = {
        nextSource: () => pacedPortion(log, limits, pacing),
        names: new BatchNames(zoneFromOptions(options, host)),
        limits: {
          bytes: options.pieceBytes,
          recordEnd: options.format === "script" ? "script" : "line",
          ...(options.pieceRecords === undefined ? {} : { records: options.pieceRecords }),
        },
        suffixLength: options.suffixLength,
        pool: new BufferPool(options.pieceBytes),
        uploader,
        destinationName: destination.name,
        isGzip: options.gzip,
        hasFolderMarker: options.folderMarker,
        intervalMs: options.interval,
        batches: options.once ? 1 : (options.batches ?? Number.POSITIVE_INFINITY),
        now: Date.now,
        sleep,
        messages: host.messages,
      } as const;
      await runBatches(batches, stop, abort);
      output.finish();
      return 0;
    } finally {
      release();
    }
  },
});
