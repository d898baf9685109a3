import { isIPv4 } from "node:net";
import type { Destination } from "../destination/destination.ts";
import { openDestination } from "../destination/open.ts";
import { LARGEST_COPIED_BYTES } from "../destination/request-body.ts";
import type { S3Settings } from "../destination/s3.ts";
import { type DestinationUrl, parseDestination } from "../destination/url.ts";
import { type Receipt, Uploader } from "../pipeline/uploader.ts";
import { NotParsed, unableToParse } from "../system/errors.ts";
import { SentMemory } from "../system/memory.ts";
import { offering, parseDuration, parsePositiveDuration, wholeNumber } from "../system/quantity.ts";
import { sleep } from "../system/sleep.ts";
import type { Host } from "./command.ts";
import { flag, inGroup, type OptionValues, option, optionOr, repeatable } from "./options.ts";
import { quietOption } from "./quiet-option.ts";

const STORAGE_CLASSES = [
  ...["STANDARD", "REDUCED_REDUNDANCY", "STANDARD_IA", "ONEZONE_IA", "INTELLIGENT_TIERING"],
  ...["GLACIER", "GLACIER_IR", "DEEP_ARCHIVE"],
];

/** What every command that uploads can be told about the destination. */
export const destinationOptions = {
  ...inGroup("Destination", {
    to: option(
      "--to <url>",
      "s3://bucket/prefix or file:///dir; on EC2 by default s3://<public IPv4>-logs",
      parseDestination,
    ),
    concurrency: optionOr("--concurrency <n>", "uploads at the same time", wholeNumber(1, 256), "4"),
    gzip: flag("--gzip", "compress; keys end in .gz"),
    createBucket: flag("--no-create-bucket", "fail if the bucket or directory is missing"),
    storageClass: option(
      "--storage-class <class>",
      `${STORAGE_CLASSES.join(", ")}, …`,
      offering(STORAGE_CLASSES, parseStorageClass),
    ),
    sse: option(
      "--sse <mode>",
      "encrypt at rest: AES256, aws:kms or aws:kms:KEY",
      offering(["AES256", "aws:kms"], parseEncryption),
    ),
    tags: repeatable("--tag <name=value>", "tag every object; up to ten times", parseTag),
    timeout: optionOr(
      "--timeout <duration>",
      "give up a try when the server is silent for so long",
      parsePositiveDuration,
      "30s",
    ),
    connectTimeout: optionOr(
      "--connect-timeout <duration>",
      "give up connecting after so long",
      parsePositiveDuration,
      "10s",
    ),
    grace: optionOr(
      "--grace <duration>",
      "after TERM or INT, time to finish what is under way",
      parseDuration,
      "10s",
    ),
  }),
  ...inGroup("Output", { json: flag("--json", "report each object as a line of JSON"), quiet: quietOption }),
} as const;

/** For what goes on by itself: there is nobody to start it again. */
export const endlessAttempts = inGroup("Destination", {
  attempts: option("--attempts <n>", "tries for each object; default: until it works again", wholeNumber(1)),
});

function parseStorageClass(text: string): string {
  if (!/^[A-Z][A-Z0-9_]*$/.test(text))
    throw new NotParsed(`must be a storage class such as ${STORAGE_CLASSES.join(", ")}`);
  return text;
}

function parseEncryption(text: string) {
  const match = /^(AES256|aws:kms)(?::([\x21-\x7e]+))?$/.exec(text);
  if (!match || (match[1] === "AES256" && match[2]))
    throw new NotParsed("must be AES256, aws:kms or aws:kms:KEY");
  const algorithm = match[1] as "AES256" | "aws:kms";
  return match[2] === undefined ? { algorithm } : { algorithm, keyId: match[2] };
}

/** The limits are those of the page "Categorizing your objects using tags" of the S3 User Guide. */
function parseTag(text: string) {
  const match = /^([^=]{1,128})=([^=]{0,256})$/.exec(text);
  if (!match || !/^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u.test(text))
    throw new NotParsed("must be name=value, of letters, digits, spaces and + - . _ : / @");
  return { name: match[1]!, value: match[2]! };
}

export type DestinationOptions = OptionValues<typeof destinationOptions>;

/**
 * Opens the destination that the options name.
 *
 * @throws UsageError if there are too many tags, or no --to on a host that is no EC2 instance
 */
export async function openFromOptions(options: DestinationOptions, host: Host): Promise<Destination> {
  const settings = settingsFor(options, host);
  return openDestination(await destinationUrl(options, host), settings, host.messages);
}

/** @throws UsageError if there are too many tags */
export function settingsFor(options: DestinationOptions, host: Host): S3Settings {
  if (options.tags.length > 10)
    throw unableToParse(`${options.tags.length} tags`, "an object has at most 10");
  return {
    environment: host.environment,
    mayCreateBucket: options.createBucket,
    storageClass: options.storageClass,
    encryption: options.sse,
    tags: options.tags,
    timeoutMs: options.timeout,
    connectTimeoutMs: options.connectTimeout,
    pauses: { random: Math.random, sleep },
  };
}

/** @throws UsageError `unable to parse destination: …`, without --to on a host that is no EC2 instance */
export async function destinationUrl({ to }: DestinationOptions, host: Host): Promise<DestinationUrl> {
  if (to) return to;
  const { instanceMetadata, metadataServiceOptions } = await import("../destination/metadata-service.ts");
  const service = await metadataServiceOptions(host.environment);
  const address = await instanceMetadata("public-ipv4", service);
  if (address === undefined || !isIPv4(address))
    throw unableToParse(
      "destination",
      "--to is not given, and this host has no public IPv4 of EC2 to name a bucket after: --to s3://BUCKET, or --to file:///tmp/out to try it",
    );
  return { kind: "s3", bucket: `${address}-logs`, prefix: "" };
}

/** An uploader to the destination that reports each stored object to the output, and keeps memory small meanwhile. */
export function uploaderTo(
  destination: Destination,
  { concurrency, attempts }: { readonly concurrency: number; readonly attempts: number },
  output: { report(receipt: Receipt): void },
  { messages }: Host,
): Uploader {
  const sent = new SentMemory();
  return new Uploader({
    destination,
    concurrency,
    attempts,
    random: Math.random,
    sleep,
    messages,
    report(receipt) {
      output.report(receipt);
      const sizeBytes = receipt.sizeBytes ?? 0;
      sent.add(sizeBytes, sizeBytes <= LARGEST_COPIED_BYTES);
    },
  });
}
