import { CredentialsProviderError } from "@smithy/core/config";
import { readRegularFile } from "../system/regular-file.ts";
import { LOCAL_TIMEOUT_MS } from "./metadata-service.ts";
import { noKeys, type RoleKeys, readRoleKeys } from "./role-keys.ts";
import type { Service, Transport, TransportOptions } from "./transport.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const SERVICE: Service = { name: "the container's credential service", longestAnswerBytes: 64 * 1024 };
const TRIES = 3;
/** Those of ECS and EKS, and this host; others are asked over TLS only, as the AWS tools do it. */
const LOCAL_HOST = /^(localhost|127(\.\d+){3}|\[::1\]|169\.254\.170\.2|169\.254\.170\.23|\[fd00:ec2::23\])$/;

/** Whether the environment names a service that gives a container its keys, as ECS and EKS do. */
export function isInContainer(environment: Environment): boolean {
  return addressOf(environment) !== undefined;
}

/**
 * How its service is reached: past every proxy, since it is beside the container and knows it by its address.
 *
 * @param trustedCertificates PEM, as `TransportOptions` has them.
 */
export function containerService(trustedCertificates: string | undefined): TransportOptions {
  return {
    connectTimeoutMs: LOCAL_TIMEOUT_MS,
    timeoutMs: LOCAL_TIMEOUT_MS,
    proxyFor: () => undefined,
    trustedCertificates,
    service: SERVICE,
  };
}

/**
 * The keys of the role of a container, which it asks for anew each time.
 *
 * @throws what asking failed with
 */
export function containerCredentials(
  environment: Environment,
  transport: Transport,
): () => Promise<RoleKeys> {
  const ask = async () => {
    const { protocol, hostname, port, pathname, search } = checkedAddress(environment);
    const authorization = authorizationOf(environment);
    const answer = await transport.send({
      method: "GET",
      protocol,
      hostname,
      ...(port !== "" && { port: Number(port) }),
      path: `${pathname}${search}`,
      headers: authorization === undefined ? {} : { authorization },
    });
    if (answer.status >= 500) throw new Error(`status ${answer.status}`);
    return readRoleKeys(answer);
  };
  return () => patiently(ask);
}

/** Beside a container that starts, its service may not be ready yet; what it refuses, it goes on refusing. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries === TRIES || error instanceof CredentialsProviderError) throw error;
      await Bun.sleep(LOCAL_TIMEOUT_MS);
    }
  }
}

function addressOf({
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: relative,
  AWS_CONTAINER_CREDENTIALS_FULL_URI: full,
}: Environment): string | undefined {
  return relative ? `http://169.254.170.2${relative}` : full || undefined;
}

function checkedAddress(environment: Environment): URL {
  const address = addressOf(environment) ?? "";
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && LOCAL_HOST.test(url.hostname))) return url;
  throw noKeys("AWS_CONTAINER_CREDENTIALS_FULL_URI must be an https URL, or an http one of this host");
}

function authorizationOf({
  AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
}: Environment): string | undefined {
  const text = file ? tokenIn(file) : token;
  if (text?.includes("\r\n")) throw noKeys("the authorization token has more than one line");
  return text || undefined;
}

function tokenIn(file: string): string {
  const read = readRegularFile(file);
  if (!Buffer.isBuffer(read)) throw noKeys(`${file}: ${read.reason}`);
  return read.toString();
}
