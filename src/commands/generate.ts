import { pacedPortion } from "../access-log/pace.ts";
import { pipeToOutput } from "../system/output.ts";
import { parsePositiveDuration, parseSize, wholeNumber } from "../system/quantity.ts";
import { sleep } from "../system/sleep.ts";
import { defineCommand } from "./command.ts";
import { accessLogFromOptions, trafficOptions } from "./generate-options.ts";
import { option } from "./options.ts";

export const generate = defineCommand({
  options: {
    ...trafficOptions,
    records: option("--records <n>", "end after so many records", wholeNumber(1)),
    bytes: option("--bytes <size>", "end before the record that would exceed this size", parseSize),
    duration: option("--duration <duration>", "end after so long in real time", parsePositiveDuration),
  },
  epilogue: `Without --records, --bytes or --duration it writes until its reader goes away.
--seed and --start together repeat the output byte for byte.

Examples:
  logship generate --records 1000000 > access.log
  logship generate --format combined --rate 200/s --duration 10m | collector
  logship generate --seed 7 --start 2017-01-12T14:36:56-03:00 --step 250us --bytes 64M | sha256sum`,
  async run(options, _args, host) {
    const pacing = {
      perSecond: options.rate,
      durationMs: options.duration,
      elapsedMs: () => performance.now(),
      sleep,
      signal: new AbortController().signal,
    };
    await pipeToOutput(pacedPortion(accessLogFromOptions(options, host), options, pacing));
    return 0;
  },
});
