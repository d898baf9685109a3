import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import { DestinationError } from "./destination.ts";

const RENEWED_BEFORE_MS = 5 * 60_000;
const PAUSE_MS = 10_000;
const PAUSE_AFTER_REFUSAL_MS = 1000;

/**
 * Keeps keys until five minutes before their end, or half of their life if that is shorter. From then on they are renewed
 * while they are still used; a renewal that fails counts only once they are over, and is tried again after ten seconds.
 * With `forceRefresh`, as the SDK has it, they are looked for now, but not oftener than once a second; those that are
 * there stay if there are no others.
 *
 * @param source Asked by one at a time.
 * @returns a provider that throws what the first look failed with, and later a DestinationError that is worth a retry
 */
export function renewed(source: AwsCredentialIdentityProvider): AwsCredentialIdentityProvider {
  let keys: AwsCredentialIdentity | undefined;
  let renewAtMs = 0;
  let forcedMs = 0;
  let asking: Promise<AwsCredentialIdentity> | undefined;
  const ask = (caller: Parameters<AwsCredentialIdentityProvider>[0]) => {
    asking ??= source(caller)
      .then((found) => {
        const leftMs = endOf(found) - Date.now();
        renewAtMs = Date.now() + Math.max(leftMs - RENEWED_BEFORE_MS, leftMs / 2);
        keys = found;
        return found;
      })
      .finally(() => {
        asking = undefined;
      });
    return asking;
  };
  return async (caller) => {
    if (!keys) return ask(caller);
    if (caller?.forceRefresh) {
      if (Math.abs(Date.now() - forcedMs) >= PAUSE_AFTER_REFUSAL_MS) {
        await ask(caller).catch(() => {});
        forcedMs = Date.now();
      } else await asking?.catch(() => {});
      return keys;
    }
    if (Date.now() < renewAtMs) return keys;
    const answer = ask(caller);
    if (Date.now() < endOf(keys)) {
      answer.catch(() => {
        renewAtMs = Date.now() + PAUSE_MS;
      });
      return keys;
    }
    try {
      return await answer;
    } catch (error) {
      const reason = "the credentials have expired and cannot be renewed now";
      throw new DestinationError(reason, true, error, "credentials");
    }
  };
}

function endOf({ expiration }: AwsCredentialIdentity): number {
  return expiration?.getTime() ?? Number.POSITIVE_INFINITY;
}
