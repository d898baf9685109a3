import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { ListBucketsCommand, S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { loadConfig } from "@smithy/core/config";
import { getEndpointFromInstructions } from "@smithy/core/endpoints";
import { FatalError, unableTo, unableToParse } from "../system/errors.ts";
import { instanceMetadata, metadataServiceOptions } from "./metadata-service.ts";
import { isProxied } from "./proxy.ts";
import { Transport } from "./transport.ts";

export interface ClientSettings {
  readonly timeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly environment: Record<string, string | undefined>;
}

/** A client of one region, and what has to be known about where it speaks to. */
export interface RegionalClient {
  readonly client: S3Client;
  readonly region: string;
  /** True for AWS itself, false for another server that speaks S3. */
  readonly isAws: boolean;
}

const NO_CREDENTIALS =
  "unable to locate credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, write ~/.aws/credentials, or attach an instance role";

/**
 * Makes a client with credentials, region and endpoint as the AWS CLI finds them.
 *
 * @param region Overrules the configured region, once the bucket is known to be in another one.
 * @throws FatalError `unable to locate credentials: …` when no source has any; the slowest source, an instance
 *   metadata service that does not answer, gives up after 2 s
 */
export async function makeClient(settings: ClientSettings, region?: string): Promise<RegionalClient> {
  const regionFound = region === undefined ? configuredRegion(settings.environment) : Promise.resolve(region);
  regionFound.catch(() => {}); // looked up while the credentials are, and awaited below
  const base = await baseConfig(settings, () => regionFound);
  const probe = new S3Client(base);
  await checkCredentials(probe);
  const isAws = await speaksToAws(probe, await regionFound);
  // Only AWS is sure to have a host name for every bucket.
  const client = isAws ? probe : new S3Client({ ...base, forcePathStyle: true });
  addIntegrityHeaders(client);
  return { client, region: await regionFound, isAws };
}

async function speaksToAws(client: S3Client, region: string): Promise<boolean> {
  if (!/^[a-z0-9-]+$/.test(region))
    throw unableToParse(`region ${region}`, "must be a name such as us-west-2");
  try {
    const { url } = await getEndpointFromInstructions({}, ListBucketsCommand, client.config as never);
    return /\.(amazonaws\.com(\.cn)?|amazonaws\.eu|c2s\.ic\.gov|sc2s\.sgov\.gov)$/.test(url.hostname);
  } catch (_error) {
    throw unableTo("use", "the configured S3 endpoint", "it is no http or https URL");
  }
}

async function baseConfig(settings: ClientSettings, region: () => Promise<string>): Promise<S3ClientConfig> {
  const { environment } = settings;
  const config: S3ClientConfig = {
    region,
    defaultsMode: "standard",
    maxAttempts: 1, // the pipeline tries again, and says so
    expectContinueHeader: false,
    requestHandler: new Transport({
      connectTimeoutMs: settings.connectTimeoutMs,
      timeoutMs: settings.timeoutMs,
      trustedCertificates: await trustedCertificates(),
      isProxied: (url) => isProxied(url, environment),
    }),
  };
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (accessKeyId && secretAccessKey) {
    // The AWS CLI lets these win over AWS_PROFILE; the SDK does not.
    const sessionToken = environment.AWS_SESSION_TOKEN;
    config.credentials = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
  }
  return config;
}

function configuredRegion(environment: Record<string, string | undefined>): Promise<string> {
  return loadConfig<string>({
    environmentVariableSelector: (env) => env.AWS_REGION || env.AWS_DEFAULT_REGION,
    configFileSelector: (profile) => profile.region,
    default: async () =>
      (await instanceMetadata("placement/region", metadataServiceOptions(environment))) ?? "us-east-1",
  })();
}

async function trustedCertificates(): Promise<string | undefined> {
  const path = await loadConfig<string>({
    environmentVariableSelector: (env) => env.AWS_CA_BUNDLE,
    configFileSelector: (profile) => profile.ca_bundle,
    default: "",
  })();
  if (path === "") return undefined;
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw unableTo("read trusted certificates", path, error);
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw unableTo("read trusted certificates", path, "it holds no PEM certificate");
}

async function checkCredentials(client: S3Client): Promise<void> {
  let isSendable: boolean;
  try {
    const { accessKeyId, secretAccessKey, sessionToken = "" } = await client.config.credentials();
    isSendable = !/[^\x20-\x7e]/.test(accessKeyId + secretAccessKey + sessionToken);
  } catch (error) {
    throw new FatalError(NO_CREDENTIALS, { cause: error });
  }
  if (!isSendable) throw unableTo("use", "the credentials", "they hold characters that no key has");
}

/**
 * Content-MD5 on every body, since it is the one checksum that every S3 server verifies (AWS also verifies the
 * CRC32 that the SDK adds). Under TLS the body is not hashed a third time for the signature.
 */
function addIntegrityHeaders(client: S3Client): void {
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as {
        protocol: string;
        method: string;
        headers: Record<string, string>;
        body?: unknown;
      };
      if (request.method === "PUT" && request.body instanceof Uint8Array) {
        request.headers["content-md5"] = createHash("md5").update(request.body).digest("base64");
        if (request.protocol === "https:") request.headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD";
      }
      return next(args);
    },
    { step: "build", name: "integrityHeaders" },
  );
}
