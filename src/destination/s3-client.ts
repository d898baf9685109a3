import { ListBucketsCommand, PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { loadConfig } from "@smithy/core/config";
import { getEndpointFromInstructions } from "@smithy/core/endpoints";
import { FatalError, unableTo, unableToParse } from "../system/errors.ts";
import { readRegularFile } from "../system/regular-file.ts";
import { checkAwsFiles } from "./aws-files.ts";
import { BytesPut } from "./bytes-put.ts";
import { integrityCheck } from "./integrity.ts";
import { isProxied } from "./proxy.ts";
import { findRegion } from "./region.ts";
import { isRegionName } from "./region-name.ts";
import { type BucketAddress, SignedRequests } from "./signed-requests.ts";
import { Transport } from "./transport.ts";

export interface ClientSettings {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly environment: Record<string, string | undefined>;
  /** What is found already, and not looked for again. */
  readonly credentials?: Credentials;
}

/** With the marks that the SDK leaves of how it found them: `{ CREDENTIALS_PROCESS: "w" }`. */
export type Credentials = Awaited<ReturnType<S3Client["config"]["credentials"]>> & {
  readonly $source?: Readonly<Record<string, string>>;
};

/** A client of one region, and what has to be known about where it speaks to. */
export interface RegionalClient {
  readonly client: S3Client;
  /** For keys of the bucket, beside the client. */
  readonly requests: SignedRequests;
  readonly bytesPut: BytesPut;
  readonly transport: Transport;
  readonly address: BucketAddress;
  readonly region: string;
  /** True for AWS itself, false for another server that speaks S3. */
  readonly isAws: boolean;
}

const NO_CREDENTIALS =
  "unable to locate credentials: export AWS_ACCESS_KEY_ID=KEY AWS_SECRET_ACCESS_KEY=SECRET, write ~/.aws/credentials, or attach a role to the instance";

/**
 * Makes a client with credentials, region and endpoint as the AWS CLI finds them.
 *
 * @param bucket The one that objects are put into.
 * @param region Overrules the configured region, once the bucket is known to be in another one.
 * @throws FatalError `unable to locate credentials: …` when no source has any; the slowest source, an instance
 *   metadata service that does not answer, gives up after 2 s
 */
export async function makeClient(
  settings: ClientSettings,
  bucket: string,
  region?: string,
): Promise<RegionalClient> {
  await checkAwsFiles(settings.environment);
  const regionFound =
    region === undefined
      ? findRegion(settings.environment).then(({ name }) => name)
      : Promise.resolve(region);
  regionFound.catch(() => {}); // looked up while the credentials are, and awaited below
  const transport = await makeTransport(settings);
  const base = baseConfig(settings, () => regionFound, transport);
  const probe = new S3Client(base);
  await findCredentials(probe);
  return regionalClient(probe, base, transport, bucket, await regionFound);
}

/** As `makeClient()`, without looking for credentials before they are used. */
export async function openClient(
  settings: ClientSettings,
  bucket: string,
  region: string,
): Promise<RegionalClient> {
  await checkAwsFiles(settings.environment);
  const transport = await makeTransport(settings);
  const base = baseConfig(settings, async () => region, transport);
  return regionalClient(new S3Client(base), base, transport, bucket, region);
}

async function regionalClient(
  probe: S3Client,
  base: S3ClientConfig,
  transport: Transport,
  bucket: string,
  region: string,
): Promise<RegionalClient> {
  const isAws = await speaksToAws(probe, region);
  const style = await addressingStyle();
  // Only AWS is sure to have a host name for every bucket.
  const isByPath = style === "path" || (style === "auto" && !isAws);
  const client = !isByPath ? probe : new S3Client({ ...base, forcePathStyle: true });
  const address = await addressOf(bucket, client, region);
  const requests = new SignedRequests(client, transport, address);
  const bytesPut = new BytesPut(requests, integrityCheck(isAws, address.url.protocol));
  return { client, requests, bytesPut, transport, address, region, isAws };
}

/** How buckets are addressed: `addressing_style` below `s3` in the profile, as the AWS CLI has it. */
async function addressingStyle(): Promise<string> {
  const style = await loadConfig<string>({
    environmentVariableSelector: () => undefined,
    configFileSelector: (profile) => profile["s3.addressing_style"],
    default: "auto",
  })();
  if (/^(auto|path|virtual)$/.test(style)) return style;
  throw unableToParse(
    `addressing_style ${style} of the profile`,
    "must be auto, path or virtual",
    "endpoint",
  );
}

async function speaksToAws(client: S3Client, region: string): Promise<boolean> {
  if (!isRegionName(region))
    throw unableToParse(
      `region ${region}`,
      "must be a name such as us-west-2: export AWS_REGION=us-west-2",
      "region",
    );
  try {
    const { url } = await getEndpointFromInstructions({}, ListBucketsCommand, client.config as never);
    return /\.(amazonaws\.com(\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov)$/.test(url.hostname);
  } catch (_error) {
    throw unableTo(
      "use",
      "the configured S3 endpoint",
      "AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL must be an http or https URL",
      "endpoint",
    );
  }
}

async function addressOf(bucket: string, client: S3Client, region: string): Promise<BucketAddress> {
  const input = { Bucket: bucket };
  const found = await getEndpointFromInstructions(input, PutObjectCommand, client.config as never);
  const schemes = found.properties?.authSchemes as { signingRegion?: string }[] | undefined;
  return { url: found.url, signingRegion: schemes?.[0]?.signingRegion ?? region };
}

async function makeTransport({
  connectTimeoutMs,
  timeoutMs,
  environment,
}: ClientSettings): Promise<Transport> {
  return new Transport({
    connectTimeoutMs,
    timeoutMs,
    trustedCertificates: await trustedCertificates(),
    isProxied: (url) => isProxied(url, environment),
  });
}

function baseConfig(
  { environment, credentials }: ClientSettings,
  region: () => Promise<string>,
  transport: Transport,
): S3ClientConfig {
  const config: S3ClientConfig = {
    region,
    defaultsMode: "standard",
    maxAttempts: 1, // the pipeline tries again, and says so
    expectContinueHeader: false,
    requestHandler: transport,
  };
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (credentials) {
    config.credentials = credentials;
  } else if (accessKeyId && secretAccessKey) {
    // The AWS CLI lets these win over AWS_PROFILE; the SDK does not.
    const sessionToken = environment.AWS_SESSION_TOKEN;
    config.credentials = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  }
  return config;
}

async function trustedCertificates(): Promise<string | undefined> {
  const path = await loadConfig<string>({
    environmentVariableSelector: (env) => env.AWS_CA_BUNDLE,
    configFileSelector: (profile) => profile.ca_bundle,
    default: "",
  })();
  if (path === "") return undefined;
  const content = readRegularFile(path);
  if (!Buffer.isBuffer(content)) throw unableTo("read trusted certificates", path, content.reason, "tls");
  const text = content.toString();
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw unableTo("read trusted certificates", path, "it holds no PEM certificate", "tls");
}

/** @throws FatalError `unable to locate credentials: …` or `unable to use the credentials: …` */
export async function findCredentials(client: S3Client): Promise<Credentials> {
  let found: Credentials;
  try {
    found = await client.config.credentials();
  } catch (error) {
    throw new FatalError(NO_CREDENTIALS, { cause: error, topic: "credentials" });
  }
  const { accessKeyId, secretAccessKey, sessionToken = "" } = found;
  if (/[^\x20-\x7e]/.test(accessKeyId + secretAccessKey + sessionToken))
    throw unableTo(
      "use",
      "the credentials",
      "they have characters that no key has: see AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and ~/.aws/credentials",
      "credentials",
    );
  return found;
}
