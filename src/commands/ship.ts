import { hostname } from "node:os";
import { resolve } from "node:path";
import { defineCommand } from "../cli/command.ts";
import { destinationOptions, endlessAttempts } from "../cli/destination-options.ts";
import { metricsOption } from "../cli/metrics-option.ts";
import { anyName, flag, inGroup, type OptionValues, option, optionOr, repeatable } from "../cli/options.ts";
import { parsePieceSize } from "../cli/piece-size.ts";
import type { Advance } from "../cli/progress-text.ts";
import { reportingTo } from "../cli/receipts.ts";
import { servicesOf, servicesOption } from "../cli/services-option.ts";
import { stateDirectoryOf, stateOption } from "../cli/state-option.ts";
import { storingEndlessly } from "../cli/storing.ts";
import { DEFAULT_TEMPLATE, escapeName, fitsInKey, parseTemplate } from "../contract/shipped-key.ts";
import { BufferPool } from "../pipeline/buffer-pool.ts";
import { CatchingUp, type Caught } from "../ship/catching-up.ts";
import { ship } from "../ship/ship.ts";
import type { ShipHost, ShipSettings } from "../ship/source.ts";
import { sourceMetrics } from "../ship/source-metrics.ts";
import { Sources } from "../ship/sources.ts";
import { makeStateDirectory } from "../ship/state-file.ts";
import { StdinSource } from "../ship/stdin-source.ts";
import { findService } from "../supervise/services.ts";
import { unableToParse } from "../system/errors.ts";
import { openFilesLimit } from "../system/open-files.ts";
import { oneOf, parsePositiveDuration, parseSize } from "../system/quantity.ts";
import { sizeText } from "../system/quantity-text.ts";

/** A longer line is cut unless a piece may be larger, because pieces live in memory, one more than are uploaded at a time. */
const LONGEST_LINE_BYTES = 16 * 1024 ** 2;
const STANDARD_INPUT = "-";

const options = {
  ...inGroup("Logs", {
    once: flag("--once", "ship what is there and end; exit code 0 only if all of it is stored"),
    from: optionOr(
      "--from <place>",
      "start or end: where to begin with a log that was never shipped before",
      oneOf(["start", "end"]),
      "start",
    ),
    older: repeatable(
      "--older <dir>",
      "where rotated files are moved to (olddir); may be given several times",
      parseDirectory,
    ),
    state: stateOption,
    holdMax: optionOr(
      "--hold-max <size>",
      "most bytes of deleted files to keep until they are shipped, for each source",
      parseSize,
      "1G",
    ),
    services: servicesOption,
  }),
  ...inGroup("Pieces", {
    pieceBytes: optionOr(
      "--piece-bytes <size>",
      "largest piece, at most 1G, unless a line is longer, up to 16M",
      parsePieceSize,
      "8M",
    ),
    maxAge: optionOr(
      "--max-age <duration>",
      "upload a piece that is not full when its first line is so old",
      parsePositiveDuration,
      "60s",
    ),
    key: optionOr(
      "--key <template>",
      "keys below the prefix, of {host} {source} {date} {hour} {generation} {offset} {name}",
      parseTemplate,
      DEFAULT_TEMPLATE,
    ),
    host: option("--host <name>", "name of this host in keys; default: its host name", anyName),
  }),
  ...destinationOptions,
  ...endlessAttempts,
  ...inGroup("Output", { metrics: metricsOption }),
};

function parseDirectory(text: string): string {
  return resolve(anyName(text));
}

export const shipCommand = defineCommand({
  positional: "<source...>",
  examples: [
    "logship ship '/var/log/nginx/*access.log' --to s3://my-logs",
    "logship ship /var/log/nginx/access.log --once --to file:///tmp/out",
    "logship ship requisitions --to s3://my-logs/services",
  ],
  notes: `SOURCE is a log file, a pattern in quotes ('/var/log/nginx/*access.log'; new matches are found while it runs), a service or log directory as \`logship tail\` takes them, or - for standard input. Each line is stored exactly once, across rotations, restarts and kill -9.
Standard input has no second copy: what was read of it and not stored is lost by a kill -9; \`… | logship multilog ./main\` beside \`logship ship ./main\` survives that.`,
  options,
  async run(chosen, names, givenHost) {
    const settings = settingsOf(chosen);
    const stateDirectory = stateDirectoryOf(chosen.state, givenHost);
    await storingEndlessly(chosen, givenHost, async (means) => {
      const { host, uploader, progress, output, stop, abort } = means;
      const pool = new BufferPool(chosen.pieceBytes);
      const shipHost: ShipHost = {
        messages: host.messages,
        uploader,
        abort,
        openFilesLimit: openFilesLimit(),
        clock: () => ({ wallMs: Date.now(), elapsedMs: performance.now() }),
        allocate: (sizeBytes) =>
          sizeBytes * 2 > chosen.pieceBytes ? pool.allocate(sizeBytes) : new Uint8Array(sizeBytes),
        release: (bytes) => pool.release(bytes),
      };
      const services = servicesOf(chosen.services);
      const paths = names
        .filter((name) => name !== STANDARD_INPUT)
        .map((name) => findService(name, services));
      if (paths.length > 0) makeStateDirectory(stateDirectory);
      const sources = new Sources(paths, stateDirectory, settings, shipHost);
      const stdin = names.includes(STANDARD_INPUT) ? new StdinSource(settings, shipHost) : undefined;
      if (stdin) sources.all.push(stdin);
      means.writeMetrics(() => sourceMetrics(sources.all, Date.now()));
      const work = {
        sources,
        isOnce: chosen.once,
        stdin: stdin && { source: stdin, input: await openInput() },
      };
      const catchingUp = new CatchingUp(chosen.pieceBytes, chosen.once || stdin !== undefined);
      progress.show("ship", () => advanceOf(catchingUp.look(sources.all), stdin !== undefined));
      await reportingTo(output, abort, () => ship(work, shipHost, stop));
      progress.finish();
    });
    return 0;
  },
});

/** @param isEndless How much there will be is not known. */
function advanceOf(caught: Caught | undefined, isEndless: boolean): Advance | undefined {
  if (!caught) return undefined;
  const { shippedBytes, lagBytes } = caught;
  const sum = sizeText(shippedBytes);
  const total = isEndless ? undefined : shippedBytes + lagBytes;
  return { text: `${sizeText(lagBytes)} behind`, sum, bytes: shippedBytes, done: shippedBytes, total };
}

function settingsOf(chosen: OptionValues<typeof options>): ShipSettings {
  const host = escapeName(chosen.host ?? hostname());
  const prefixBytes = chosen.to?.kind === "s3" ? Buffer.byteLength(chosen.to.prefix) : 0;
  const longest = "n".repeat(150);
  if (!fitsInKey(chosen.key, { host, source: longest, name: longest }, prefixBytes))
    throw unableToParse(`--key ${chosen.key}`, "keys could be longer than the 1024 bytes that S3 allows");
  return {
    host,
    template: chosen.key,
    isGzip: chosen.gzip,
    limits: { pieceBytes: chosen.pieceBytes, lineBytes: Math.max(LONGEST_LINE_BYTES, chosen.pieceBytes) },
    maxAgeMs: chosen.maxAge,
    holdMaxBytes: chosen.holdMax,
    from: chosen.from,
    older: chosen.older,
    isOnce: chosen.once,
  };
}

async function openInput() {
  const { stdinReader } = await import("../system/stdin-reader.ts");
  return stdinReader();
}
