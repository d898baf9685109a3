/** The checks of an S3 destination; each waits for what it needs of the others. */
import { loadSharedConfigFiles } from "@smithy/core/config";
import { BucketInspection, greet } from "../destination/bucket-inspection.ts";
import { findCredentials } from "../destination/credentials.ts";
import { DestinationError } from "../destination/destination.ts";
import type { Credentials } from "../destination/key-origin.ts";
import { openDestination } from "../destination/open.ts";
import { type FoundRegion, findRegion } from "../destination/region.ts";
import type { S3Settings } from "../destination/s3.ts";
import { openClient, type RegionalClient } from "../destination/s3-client.ts";
import { FatalError } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { shell } from "../system/shell-command.ts";
import { unlessAborted } from "../system/sleep.ts";
import { checkBucket } from "./bucket.ts";
import { checkClock } from "./clock.ts";
import { checkCredentials, checkSharedFiles, explainMissing, profileOf } from "./credentials.ts";
import type { Check } from "./diagnose.ts";
import { checkEndpoint } from "./endpoint.ts";
import { type Finding, failed } from "./finding.ts";
import { checkProtection } from "./protection.ts";
import { checkRegion } from "./region.ts";
import { remedyOf, type Target } from "./remedies.ts";

export interface S3Look {
  readonly bucket: string;
  readonly prefix: string;
  readonly settings: S3Settings;
  readonly messages: Messages;
  /** For the sources of credentials, of which some are programs that may hang. */
  readonly patienceMs: number;
  readonly now: () => number;
}

/** What a step gave, or why it gave nothing. */
type Outcome<T> =
  | { readonly value: T; readonly failure?: never }
  | { readonly value?: never; readonly failure: FatalError };

/** One that is left out, because what it stands on has failed and says so itself. */
const NOTHING: Finding[] = [];

export function s3Checks(look: S3Look, signal: AbortSignal): Check[] {
  const { bucket, prefix, settings, patienceMs } = look;
  const { environment } = settings;
  const whose = shell`aws sts get-caller-identity`;
  const list = shell`aws s3 ls s3://${bucket}`;
  const files = checkSharedFiles(environment, Boolean(environment.AWS_ACCESS_KEY_ID));
  // What only may not be read is as good as absent to the client; of all else it is told here, once.
  if (files.some(({ text }) => !text.endsWith("access denied")))
    return [{ name: "credentials", remedy: whose, run: () => files }];
  const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
  const region = findRegion(environment);
  const client = outcomeOf(region.then(({ name }) => openClient(settings, bucket, name)));
  const greeting = client.then(({ value }) => value && outcomeOf(greet(value, signal)));
  const credentials = client.then(
    ({ value }) => value && outcomeOf(credentialsInTime(value, patience, patienceMs)),
  );
  const targetOf = (found: FoundRegion, opened: Outcome<RegionalClient>): Target => {
    const profile = profileOf(environment);
    return { bucket, prefix, region: found.name, profile, endpoint: opened.value?.address.url };
  };
  const reached = async () => {
    const [opened, answer, identity] = await Promise.all([client, greeting, credentials]);
    if (!opened.value || !answer?.value || !identity?.value) return undefined;
    const known: S3Settings = { ...settings, mayCreateBucket: false, credentials: identity.value };
    const actual = answer.value.region ?? opened.value.region;
    const regional = await openClient(known, bucket, actual);
    return { known, inspection: new BucketInspection(regional, bucket), region: actual };
  };
  const bucketReached = reached();
  const bucketFindings = bucketReached.then(async (found) => {
    if (!found) return NOTHING;
    const destination = await openDestination({ kind: "s3", bucket, prefix }, found.known, look.messages);
    const target = { ...targetOf(await region, await client), region: found.region };
    const mayCreate = settings.mayCreateBucket;
    return checkBucket({ destination, inspection: found.inspection, target, mayCreate }, signal);
  });
  for (const shared of [region, client, greeting, credentials, bucketReached, bucketFindings])
    shared.catch(() => {}); // thrown by the checks that wait for them
  return [
    {
      name: "credentials",
      remedy: whose,
      async run() {
        const [opened, found] = [await client, await credentials];
        if (opened.failure) return [settingFailure(opened.failure, targetOf(await region, opened))];
        if (found?.value) return [...files, ...checkCredentials(found.value, environment, look.now())];
        if (files.length > 0) return files;
        return explainMissing(found?.failure?.message ?? "", await loadSharedConfigFiles(), environment);
      },
    },
    {
      name: "region",
      remedy: list,
      async run() {
        const opened = await client;
        if (!opened.value) return NOTHING;
        return checkRegion(await region, (await greeting)?.value?.region);
      },
    },
    {
      name: "endpoint",
      remedy: list,
      async run() {
        const [opened, answer] = [await client, await greeting];
        if (!opened.value) return NOTHING;
        const failure = answer?.failure;
        if (failure && !(failure instanceof DestinationError)) throw failure;
        return checkEndpoint(opened.value.address.url, failure, targetOf(await region, opened));
      },
    },
    {
      name: "clock",
      remedy: list,
      async run() {
        const answer = await greeting;
        return answer?.value ? checkClock(answer.value.clockOffsetMs) : NOTHING;
      },
    },
    {
      name: "bucket",
      remedy: list,
      run: () => bucketFindings,
    },
    {
      name: "protection",
      remedy: list,
      async run() {
        const found = await bucketReached;
        if (!found) return NOTHING;
        const protection = checkProtection(found.inspection, bucket, signal);
        protection.catch(() => {}); // matters only where the bucket is there
        const findings = await bucketFindings;
        const isThere = findings.some(({ check, verdict }) => check === "bucket" && verdict === "ok");
        return isThere ? protection : NOTHING;
      },
    },
  ];
}

async function credentialsInTime(
  { client }: RegionalClient,
  patience: AbortSignal,
  patienceMs: number,
): Promise<Credentials> {
  try {
    return await unlessAborted(findCredentials(client), patience);
  } catch (error) {
    if (!patience.aborted) throw error;
    throw new FatalError(`no source has given any in time, which is ${patienceMs / 1000} s`);
  }
}

/** What is set wrongly before anything is asked. */
function settingFailure({ topic, message }: FatalError, target: Target): Finding {
  const check =
    topic === "region" || topic === "endpoint" ? topic : topic === "tls" ? "endpoint" : "credentials";
  return failed(check, message, remedyOf(topic, target));
}

async function outcomeOf<T>(work: Promise<T>): Promise<Outcome<T>> {
  try {
    return { value: await work };
  } catch (error) {
    if (error instanceof FatalError) return { failure: error };
    throw error;
  }
}
