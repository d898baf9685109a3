import { ListBucketsCommand, PutObjectCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { loadConfig } from "@smithy/core/config";
import { getEndpointFromInstructions } from "@smithy/core/endpoints";
import { unableTo, unableToParse } from "../system/errors.ts";
import { checkAwsFiles } from "./aws-files.ts";
import { BytesPut } from "./bytes-put.ts";
import { credentialSource, findCredentials } from "./credentials.ts";
import { integrityCheck } from "./integrity.ts";
import { proxyFor } from "./proxy.ts";
import { withRenewedKeys } from "./refused-keys.ts";
import { findRegion } from "./region.ts";
import { isRegionName } from "./region-name.ts";
import { type BucketAddress, SignedRequests } from "./signed-requests.ts";
import { S3, Transport, type TransportOptions } from "./transport.ts";
import { trustedCertificates } from "./trusted-certificates.ts";

export interface ClientSettings {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly environment: Record<string, string | undefined>;
  /** What is found already, and not looked for again: keys, or `config.credentials` of a client. */
  readonly credentials?: NonNullable<S3ClientConfig["credentials"]>;
}

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

/**
 * Makes a client with credentials, region and endpoint as the AWS CLI finds them.
 *
 * @param bucket The one that objects are put into.
 * @throws FatalError `unable to locate credentials: …` when no source has any; the slowest source, an instance
 *   metadata service that does not answer, gives up after 2 s
 */
export async function makeClient(settings: ClientSettings, bucket: string): Promise<RegionalClient> {
  await checkAwsFiles(settings.environment);
  const regionFound = findRegion(settings.environment).then(({ name }) => name);
  regionFound.catch(() => {}); // looked up while the credentials are, and awaited below
  const options = await transportOptions(settings);
  const transport = new Transport(options);
  const base = baseConfig(settings, () => regionFound, options, transport);
  const probe = new S3Client(base);
  await findCredentials(probe);
  return regionalClient(probe, base, transport, bucket, await regionFound);
}

/** A client of the region that the bucket is in, with the credentials of the one that was told so. */
export function clientForRegion(
  settings: ClientSettings,
  bucket: string,
  region: string,
  { client }: RegionalClient,
): Promise<RegionalClient> {
  return openClient({ ...settings, credentials: client.config.credentials }, bucket, region);
}

/** As `makeClient()`, without looking for credentials before they are used. */
export async function openClient(
  settings: ClientSettings,
  bucket: string,
  region: string,
): Promise<RegionalClient> {
  await checkAwsFiles(settings.environment);
  const options = await transportOptions(settings);
  const transport = new Transport(options);
  const base = baseConfig(settings, async () => region, options, transport);
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
  // Only AWS is sure to have a host name for every bucket. What the probe has found is not looked for again.
  const isByPath = style === "path" || (style === "auto" && !isAws);
  const { credentials } = probe.config;
  const client = !isByPath ? probe : new S3Client({ ...base, credentials, forcePathStyle: true });
  client.middlewareStack.add(
    (next) => (args) => withRenewedKeys(client.config.credentials, () => next(args)),
    { step: "initialize", priority: "high", name: "renewedKeys", override: true },
  );
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
    throw unableTo("use", "the configured S3 endpoint", await endpointProblem(client), "endpoint");
  }
}

/** What keeps an address of S3 from being found, which the SDK tells only in words of its own. */
async function endpointProblem({ config }: S3Client): Promise<string> {
  const settings = [
    { isSet: config.useFipsEndpoint, variable: "AWS_USE_FIPS_ENDPOINT", entry: "use_fips_endpoint" },
    {
      isSet: config.useDualstackEndpoint,
      variable: "AWS_USE_DUALSTACK_ENDPOINT",
      entry: "use_dualstack_endpoint",
    },
  ];
  for (const { isSet, variable, entry } of settings) {
    if (await isSet().catch(() => false))
      return `${variable}, or ${entry} of the profile, is set, which is for AWS alone: unset it, or the endpoint`;
  }
  return "AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL must be an http or https URL";
}

async function addressOf(bucket: string, client: S3Client, region: string): Promise<BucketAddress> {
  const input = { Bucket: bucket };
  const found = await getEndpointFromInstructions(input, PutObjectCommand, client.config as never);
  const schemes = found.properties?.authSchemes as { signingRegion?: string }[] | undefined;
  return { url: found.url, signingRegion: schemes?.[0]?.signingRegion ?? region };
}

async function transportOptions({
  connectTimeoutMs,
  timeoutMs,
  environment,
}: ClientSettings): Promise<TransportOptions> {
  return {
    connectTimeoutMs,
    timeoutMs,
    trustedCertificates: await trustedCertificates(),
    proxyFor: (url) => proxyFor(url, environment),
    service: S3,
  };
}

function baseConfig(
  { environment, credentials }: ClientSettings,
  region: () => Promise<string>,
  options: TransportOptions,
  requestHandler: Transport,
): S3ClientConfig {
  return {
    region,
    defaultsMode: "standard",
    maxAttempts: 1, // the pipeline tries again, and says so
    expectContinueHeader: false,
    requestHandler,
    credentials: credentials ?? credentialSource(environment, options),
  };
}
