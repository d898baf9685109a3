import { CredentialsProviderError } from "@smithy/core/config";
import type { Answer } from "./transport.ts";

/** Keys as the services of a host or container give them for a role, for a while. */
export interface RoleKeys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
  readonly accountId?: string;
}

/**
 * Reads `{"AccessKeyId": …, "SecretAccessKey": …, "Token": …, "Expiration": …}`.
 *
 * @throws an error of a provider, for any other answer
 */
export function readRoleKeys(answer: Answer): RoleKeys {
  const given = parsed(succeeded(answer));
  const text = (name: string) => {
    const value = given[name];
    if (typeof value !== "string") throw noKeys(`no ${name} in the answer`);
    return value;
  };
  const expiration = new Date(text("Expiration"));
  if (Number.isNaN(expiration.getTime())) throw noKeys("no time in Expiration");
  const { AccountId: accountId } = given;
  return {
    accessKeyId: text("AccessKeyId"),
    secretAccessKey: text("SecretAccessKey"),
    sessionToken: text("Token"),
    expiration,
    ...(typeof accountId === "string" && { accountId }),
  };
}

/** The answer, if it is one of success. @throws an error of a provider */
export function succeeded(answer: Answer): Answer {
  if (answer.status !== 200) throw noKeys(`status ${answer.status}`);
  return answer;
}

/** What a source throws that has none, so that the next one is asked. */
export function noKeys(why: string): Error {
  return new CredentialsProviderError(why, { tryNextLink: true });
}

function parsed({ body }: Answer): Record<string, unknown> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    throw noKeys("the answer is not JSON");
  }
}
