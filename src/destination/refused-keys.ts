import type { S3Client } from "@aws-sdk/client-s3";
import { type Credentials, ENVIRONMENT } from "./key-origin.ts";
import { isAboutKeys } from "./s3-errors.ts";
import { codeOf, type KeysUsed, serviceError } from "./service-error.ts";

type Provider = S3Client["config"]["credentials"];

/** Providers of keys that a server has taken once. */
const proven = new WeakSet<Provider>();

/**
 * Makes a request, and makes it again, once, if its keys are refused and their source has others by now: those of a file, a sign-on
 * or a web identity may have been renewed by another program.
 *
 * @param attempt Signs with what the provider gives.
 * @throws what the attempt throws; an answer of refusal then tells where its keys are from, and whether they were taken
 *   before and may be renewed
 */
export async function withRenewedKeys<T>(provider: Provider, attempt: () => Promise<T>): Promise<T> {
  const used: Credentials = await provider();
  try {
    return await provenBy(provider, attempt);
  } catch (error) {
    if (!isRefused(error)) throw error;
    const now = await othersThan(used, provider);
    if (now === undefined) throw told(error, used, provider);
    try {
      return await provenBy(provider, attempt);
    } catch (again) {
      throw isRefused(again) ? told(again, now, provider) : again;
    }
  }
}

async function provenBy<T>(provider: Provider, attempt: () => Promise<T>): Promise<T> {
  const result = await attempt();
  proven.add(provider);
  return result;
}

/** An answer to HEAD has a status only, and is one of many refusals. */
function isRefused(error: unknown): boolean {
  const answer = serviceError(error);
  if (!answer) return false;
  const code = codeOf(answer.name);
  return code === undefined ? [400, 401, 403].includes(answer.status) : isAboutKeys(code);
}

async function othersThan(used: Credentials, provider: Provider): Promise<Credentials | undefined> {
  for (const options of [{}, { forceRefresh: true }]) {
    const now = await provider(options);
    if (now.accessKeyId !== used.accessKeyId || now.sessionToken !== used.sessionToken) return now;
    if (now.secretAccessKey !== used.secretAccessKey) return now;
  }
  return undefined;
}

/** The error, with what is known of the keys. */
function told(error: unknown, { origin }: Credentials, provider: Provider): unknown {
  const isNamed = codeOf(serviceError(error)!.name) !== undefined;
  if (origin === undefined || !isNamed) return error;
  const keys: KeysUsed = { origin, mayBeRenewed: origin !== ENVIRONMENT && proven.has(provider) };
  return Object.assign(error as Error, { keys });
}
