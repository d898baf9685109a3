import { FatalError } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import type { Outcome } from "./uploader.ts";

/**
 * Says what was not uploaded: a failure that stands for all the rest, or that is the only one, in the error;
 * several of single files as warnings and their number in the error.
 *
 * @param things What is counted: `files`, `pieces`.
 * @throws FatalError `unable to upload NAME to s3://b: <reason>` or `unable to upload 3 of 10 files to s3://b: …`
 */
export function throwIfIncomplete(
  outcome: Outcome,
  things: string,
  destination: string,
  messages: Messages,
): void {
  const { failures, refusal, storedCount } = outcome;
  if (refusal) {
    for (const { localName, reason } of failures) {
      if (reason !== refusal.reason)
        messages.warning(`unable to upload ${localName} to ${destination}: ${reason}`);
    }
    // Those that were under way are refused for the same reason.
    const refused = failures.filter(({ reason }) => reason === refusal.reason);
    const names = refused.map(({ localName }) => localName).join(", ");
    const count = storedCount > 0 ? `, after ${storedCount} ${things} that were` : "";
    const text = `unable to upload ${names} to ${destination}${count}: ${refusal.reason}`;
    throw new FatalError(text, { topic: refusal.topic });
  }
  const [first, ...others] = failures;
  if (first === undefined) return;
  const total = storedCount + failures.length;
  const count = total > 1 ? ` (${failures.length} of ${total} ${things} failed)` : "";
  if (others.length === 0) {
    throw new FatalError(`unable to upload ${first.localName} to ${destination}: ${first.reason}${count}`);
  }
  for (const { localName, reason } of failures) {
    messages.warning(`unable to upload ${localName} to ${destination}: ${reason}`);
  }
  throw new FatalError(
    `unable to upload ${failures.length} of ${total} ${things} to ${destination}: see above`,
  );
}
