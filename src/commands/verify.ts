import { FORMATS } from "../access-log/format.ts";
import { defineCommand, type Host } from "../cli/command.ts";
import { destinationOptions } from "../cli/destination-options.ts";
import { trafficOptions } from "../cli/generate-options.ts";
import { anyName, flag, inGroup, type OptionValues, option, optionOr, repeatable } from "../cli/options.ts";
import { Progress } from "../cli/progress.ts";
import type { Advance } from "../cli/progress-text.ts";
import { quietOption } from "../cli/quiet-option.ts";
import { shardOption } from "../cli/shard-option.ts";
import { SinceHour, sinceOption } from "../cli/since-option.ts";
import { VerifyReport } from "../cli/verify-report.ts";
import { keyReader, parseTemplate } from "../contract/shipped-key.ts";
import { openReader } from "../destination/open-reader.ts";
import { type DestinationUrl, parseDestination } from "../destination/url.ts";
import { Outage } from "../pipeline/outage.ts";
import { NotParsed, unableToParse } from "../system/errors.ts";
import { oneOf, parseRate, wholeNumber } from "../system/quantity.ts";
import { countText, sizeText, thingsText } from "../system/quantity-text.ts";
import { sleep } from "../system/sleep.ts";
import { stopSignals } from "../system/stop-signals.ts";
import { GeneratedLog } from "../verify/generated-log.ts";
import { LocalFile } from "../verify/local-file.ts";
import type { Reading } from "../verify/object-stream.ts";
import { verify } from "../verify/verify.ts";

const options = {
  ...inGroup("What is expected", {
    format: option(
      "--format <name>",
      `${FORMATS.join(", ")}; default: as the first record has it`,
      oneOf(FORMATS),
    ),
    seed: option(
      "--seed <n>",
      "compare every byte with what this number gives; needs --start, and what else was given to run",
      wholeNumber(0),
    ),
    start: { ...trafficOptions.start, help: "time of the first record, as run was given it" },
    step: trafficOptions.step,
    rate: option("--rate <n/s>", "the rate that run was given", parseRate),
    timezone: trafficOptions.timezone,
    records: option("--records <n>", "how many records a batch has, over all its shards", wholeNumber(1)),
    shard: { ...shardOption, help: "only the k-th of n shards; needs --records; n alone as in run" },
    sources: repeatable(
      "--source <file>",
      "compare with a file that ship has stored and that is still there; may be given several times",
      anyName,
    ),
    key: option(
      "--key <template>",
      "keys of pieces in a directory, as ship was given it; in S3 their metadata tell",
      parseTemplate,
    ),
  }),
  ...inGroup("Reading", {
    since: sinceOption,
    concurrency: optionOr("--concurrency <n>", "reads at the same time", wholeNumber(1, 256), "4"),
    attempts: optionOr("--attempts <n>", "tries for each read", wholeNumber(1), "10"),
    timeout: destinationOptions.timeout,
    connectTimeout: destinationOptions.connectTimeout,
  }),
  ...inGroup("Output", {
    json: flag("--json", "report each batch, source and finding as a line of JSON"),
    quiet: quietOption,
  }),
};

export const verifyCommand = defineCommand({
  positional: "<url>",
  options,
  examples: [
    "logship verify s3://my-logs/2017",
    "logship verify s3://my-logs --seed 7 --start 0 --records 1000000",
    "logship verify s3://my-logs --source /var/log/nginx/access.log",
    "logship verify file:///tmp/out --json",
  ],
  notes:
    "Exit code 0: complete. 1: not; each thing that is not as it should be has its line. 111: unable to look.",
  async run(chosen, [url = ""], host) {
    const where = urlOf(url);
    const shard = shardOf(chosen, host);
    const generated = await generatedLog(chosen, host);
    const since = sinceOf(chosen, host);
    const files = chosen.sources.map((path) => new LocalFile(path));
    const reader = await openReader(where, {
      environment: host.environment,
      timeoutMs: chosen.timeout,
      connectTimeoutMs: chosen.connectTimeout,
    });
    const progress = new Progress(chosen.quiet, host);
    const messages = progress.messages(host.messages);
    const report = new VerifyReport(chosen.json, progress);
    const { stop, release } = stopSignals(0);
    try {
      await verify({
        stream: {
          reader,
          concurrency: chosen.concurrency,
          retries: { attempts: chosen.attempts, random: Math.random, sleep },
          outage: new Outage(reader.name, messages, "read"),
          isWanted: since && ((key) => since.isWanted(key)),
          signal: stop,
        },
        batches: { format: chosen.format, records: chosen.records, shard, generated },
        files,
        readKey: chosen.key === undefined ? undefined : keyReader(chosen.key),
        sinceMs: since?.ms,
        report,
        onStart: (reading) => progress.show("verify", () => advanceOf(reading)),
      });
    } finally {
      progress.end();
      release();
    }
    report.finish();
    return report.isComplete ? 0 : 1;
  },
});

/** Before the last page of the listing it is not known how much there is. */
function advanceOf({ listed, isListed, given, listedBytes, readBytes }: Reading): Advance {
  const objects = thingsText(given, "object");
  return {
    text: isListed ? `${countText(given)} of ${thingsText(listed, "object")}` : objects,
    sum: `${objects}, ${sizeText(readBytes)}`,
    bytes: readBytes,
    done: readBytes,
    total: isListed ? listedBytes : undefined,
  };
}

type Chosen = OptionValues<typeof options>;

function urlOf(text: string): DestinationUrl {
  try {
    return parseDestination(text);
  } catch (error) {
    if (error instanceof NotParsed) throw unableToParse(`URL ${text}`, error.message);
    throw error;
  }
}

function shardOf({ shard, records }: Chosen, { environment }: Host) {
  if (shard === undefined) return undefined;
  if (records === undefined) throw unableToParse("--shard", "needs --records, of which it is a part");
  return shard(environment);
}

function sinceOf(chosen: Chosen, { environment }: Host): SinceHour | undefined {
  const { since, seed, sources, timezone } = chosen;
  if (since === undefined) return undefined;
  const other = seed !== undefined ? "--seed" : sources.length > 0 ? "--source" : undefined;
  if (other !== undefined) throw unableToParse(other, "needs the beginning, which --since leaves out");
  return new SinceHour(since, timezone(environment), Date.now());
}

/** The log that the options describe, to be entered anywhere. */
async function generatedLog(chosen: Chosen, host: Host): Promise<GeneratedLog | undefined> {
  const { seed, start, format } = chosen;
  if (seed === undefined) return undefined;
  if (start === undefined) throw unableToParse(`--seed ${seed}`, "needs --start, which the times begin with");
  const { accessLogFromOptions } = await import("../cli/open-access-log.ts");
  return new GeneratedLog(format, (firstRecord, formatFound) =>
    accessLogFromOptions({ ...chosen, format: formatFound }, host, firstRecord),
  );
}
