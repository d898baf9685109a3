/** The instance metadata service of EC2, version 2, as the page "Use the Instance Metadata Service" describes it. */
import { loadConfig } from "@smithy/core/config";
import { checkAwsFiles } from "./aws-files.ts";
import { type Answer, type Service, Transport } from "./transport.ts";

export const LOCAL_TIMEOUT_MS = 1000;

const SERVICE: Service = { name: "the instance metadata service", longestAnswerBytes: 64 * 1024 };
const IPV4 = "http://169.254.169.254";
const IPV6 = "http://[fd00:ec2::254]";
const TOKEN_HEADER = "x-aws-ec2-metadata-token";

export interface MetadataServiceOptions {
  readonly endpoint: string;
  readonly isDisabled: boolean;
}

/**
 * Reads one value, such as `public-ipv4` or `placement/region`; undefined where no service answers within a
 * second, which is the case on every host that is not an EC2 instance, or where the instance has no such value.
 */
export async function instanceMetadata(
  path: string,
  options: MetadataServiceOptions,
): Promise<string | undefined> {
  if (options.isDisabled) return undefined;
  const signal = AbortSignal.timeout(LOCAL_TIMEOUT_MS);
  try {
    const token = await metadataToken(options, signal);
    const value = await readMetadata(path, token, options, signal);
    return value.status === 200 ? textOf(value) || undefined : undefined;
  } catch {
    return undefined;
  }
}

/** @throws what the request failed with, an error with `status` if it was refused */
export async function metadataToken(options: MetadataServiceOptions, signal?: AbortSignal): Promise<string> {
  const headers = { "x-aws-ec2-metadata-token-ttl-seconds": "60" };
  const answer = await ask("PUT", "/latest/api/token", headers, options, signal);
  if (answer.status !== 200) throw Object.assign(new Error("no token"), { status: answer.status });
  return textOf(answer);
}

/** @param token undefined asks as version 1 of the service was asked */
export function readMetadata(
  path: string,
  token: string | undefined,
  options: MetadataServiceOptions,
  signal?: AbortSignal,
): Promise<Answer> {
  const headers = token === undefined ? {} : { [TOKEN_HEADER]: token };
  return ask("GET", `/latest/meta-data/${path}`, headers, options, signal);
}

export function textOf({ body }: Answer): string {
  return new TextDecoder().decode(body).trim();
}

/** It is this host's own: behind a proxy there is that of the proxy's host. */
const transport = new Transport({
  connectTimeoutMs: LOCAL_TIMEOUT_MS,
  timeoutMs: LOCAL_TIMEOUT_MS,
  proxyFor: () => undefined,
  service: SERVICE,
});

function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  { endpoint }: MetadataServiceOptions,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const { protocol, hostname, port, pathname } = new URL(endpoint);
  const base = pathname.replace(/\/+$/, "");
  const request = { method, protocol, hostname, path: `${base}${path}`, headers };
  return transport.send({ ...request, ...(port !== "" && { port: Number(port) }) }, signal);
}

/** How the environment, or else the profile, says to reach the instance metadata service. */
export async function metadataServiceOptions(
  environment: Record<string, string | undefined>,
): Promise<MetadataServiceOptions> {
  const setting = async (name: string) => environment[name.toUpperCase()] || (await profileSetting(name));
  const isDisabled = /^true$/i.test(environment.AWS_EC2_METADATA_DISABLED ?? "");
  if (isDisabled) return { endpoint: IPV4, isDisabled };
  await checkAwsFiles(environment);
  const mode = await setting("aws_ec2_metadata_service_endpoint_mode");
  const usual = /^ipv6$/i.test(mode) ? IPV6 : IPV4;
  return { endpoint: (await setting("aws_ec2_metadata_service_endpoint")) || usual, isDisabled };
}

function profileSetting(name: string): Promise<string> {
  return loadConfig<string>({
    environmentVariableSelector: () => undefined,
    configFileSelector: (profile) => profile[name.replace("aws_", "")],
    default: "",
  })();
}
