import { fstatSync } from "node:fs";
import { pacedPortion } from "../access-log/pace.ts";
import { defineCommand } from "../cli/command.ts";
import { trafficOptions } from "../cli/generate-options.ts";
import { inGroup, option } from "../cli/options.ts";
import { Progress } from "../cli/progress.ts";
import { quietOption } from "../cli/quiet-option.ts";
import { shardOption, stretchFromOptions } from "../cli/shard-option.ts";
import { trafficAdvance } from "../cli/traffic-advance.ts";
import { pipeToOutput } from "../system/output.ts";
import { parsePositiveDuration, parseSize, wholeNumber } from "../system/quantity.ts";
import { sleep } from "../system/sleep.ts";

/** Further than anybody gets; beyond, the numbers of blocks would begin anew. */
const MOST_SKIPPED = 2 ** 49;

export const generate = defineCommand({
  options: {
    ...inGroup("Records", trafficOptions),
    ...inGroup("How many", {
      records: option("--records <n>", "end after so many records", wholeNumber(1)),
      bytes: option("--bytes <size>", "end before the record that would exceed this size", parseSize),
      duration: option("--duration <duration>", "end after so long in real time", parsePositiveDuration),
      skip: option(
        "--skip <n>",
        "leave out the first n records; --records counts from there",
        wholeNumber(0, MOST_SKIPPED),
      ),
      shard: shardOption,
    }),
    ...inGroup("Output", { quiet: quietOption }),
  },
  examples: [
    "logship generate --records 1000000 > access.log",
    "logship generate --format combined --rate 200/s --duration 10m | collector",
    "logship generate --seed 7 --start 2017-01-12T14:36:56Z --bytes 64M | sha256sum",
    "logship generate --seed 7 --start 0 --records 1000000 --shard 2/4 > part-2",
  ],
  notes: `Without --records, --bytes or --duration it writes until its reader goes away.
--seed and --start together repeat the output byte for byte. With them, --skip and --shard begin anywhere at once: the outputs of shards 1/N to N/N, one after the other, are that of one process.
--shard N alone takes its place from AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX, or SLURM_ARRAY_TASK_ID with SLURM_ARRAY_TASK_MIN.`,
  async run(options, _args, host) {
    const pacing = {
      perSecond: options.rate,
      durationMs: options.duration,
      elapsedMs: () => performance.now(),
      sleep,
      signal: new AbortController().signal,
    };
    const stretch = stretchFromOptions(options, host);
    const { accessLogFromOptions } = await import("../cli/open-access-log.ts");
    const log = accessLogFromOptions(options, host, (options.skip ?? 0) + (stretch?.first ?? 0));
    const { records, bytes } = options;
    const limits = { records: stretch?.records ?? records, bytes };
    // Whoever reads a pipe tells how far it is, and on a terminal the records are what there is to see.
    const isRead = process.stdout.isTTY || fstatSync(1).isFIFO();
    const progress = new Progress(options.quiet || isRead, host);
    const startedMs = performance.now();
    progress.show("generate", () => {
      const { writtenRecords, writtenBytes } = log;
      const written = { records: writtenRecords, bytes: writtenBytes };
      return trafficAdvance(
        written,
        { ...limits, durationMs: options.duration },
        performance.now() - startedMs,
      );
    });
    try {
      await pipeToOutput(pacedPortion(log, limits, pacing));
      progress.finish();
    } finally {
      progress.end();
    }
    return 0;
  },
});
