/** Objects under keys that nobody has yet, and what is said of those that are there. */
import { DestinationError, KeyTaken, type OutgoingObject, type StoredObject } from "./destination.ts";
import { leavesUnknown } from "./leaves-unknown.ts";
import { codeOf, type ServiceError, serviceError } from "./service-error.ts";

/** `If-None-Match: *`, as long as it is not known that the server does not know it; what it ignores costs nothing. */
export class IfAbsent {
  #isUnknown = false;

  /**
   * Puts an object if there is none; on a server that knows no such condition, in any case.
   *
   * @param put Makes the request with these headers beside its own.
   * @returns false if there is one already
   * @throws what the request throws
   */
  async put(put: (headers: Readonly<Record<string, string>>) => Promise<unknown>): Promise<boolean> {
    if (!this.#isUnknown) {
      try {
        await put({ "if-none-match": "*" });
        return true;
      } catch (error) {
        const answer = serviceError(error);
        if (answer?.status === 412) return false;
        if (!answer || !mayBeAboutCondition(answer)) throw error;
      }
    }
    await put({});
    this.#isUnknown = true; // it was the condition that was refused
    return true;
  }
}

/**
 * Finds out whether what stands under the key of an object is that object: the runtime's fetch sends a request again by
 * itself when a connection breaks that was kept alive, and the answer to an earlier attempt may have been lost.
 *
 * @param find Looks it up.
 * @throws KeyTaken if it is something else, or may not be looked at; DestinationError, that is worth a retry if nothing is there
 */
export async function requireSame(
  { metadata = {} }: OutgoingObject,
  find: () => Promise<StoredObject | undefined>,
): Promise<void> {
  let found: StoredObject | undefined;
  try {
    found = await find();
  } catch (error) {
    throw leavesUnknown(error) ? new KeyTaken(error) : error;
  }
  if (!found)
    throw new DestinationError(
      "the server says that the key is taken, and that nothing is there",
      true,
      undefined,
    );
  const isSame = found.metadata.bytes === metadata.bytes && found.metadata.crc32 === metadata.crc32;
  if (!isSame) throw new KeyTaken(undefined);
}

/** Servers refuse headers that they do not know as not implemented, or as a wrong argument or request. */
function mayBeAboutCondition({ status, name }: ServiceError): boolean {
  if (status === 501) return true;
  const codes = ["InvalidArgument", "InvalidRequest", "NotImplemented", undefined];
  return [400, 405].includes(status) && codes.includes(codeOf(name));
}
