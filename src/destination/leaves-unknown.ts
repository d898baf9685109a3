import { DestinationError } from "./destination.ts";
import { serviceError } from "./service-error.ts";

/** What a server cannot do at all. */
const UNABLE = new Set([405, 501]);

/** Whether a refusal leaves it unknown what is stored: for lack of rights, or because the server only stores. Wrong keys do not. */
export function leavesUnknown(error: unknown): error is DestinationError {
  if (!(error instanceof DestinationError)) return false;
  const isDenied = error.topic === "access" || error.topic === "account";
  return isDenied || UNABLE.has(serviceError(error.cause)?.status ?? 0);
}
