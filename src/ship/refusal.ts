import { DestinationError } from "../destination/destination.ts";
import { describe, FatalError } from "../system/errors.ts";

/** The destination refuses for good what has to be known before anything is stored: that ends `ship` as a refused upload does. */
export class DestinationRefusal extends FatalError {}

/**
 * What to throw for an error of the destination.
 *
 * @param what What could not be uploaded for that: `/var/log/app.log:0-100`.
 * @returns `unable to upload WHAT to s3://b: <reason>`; the error itself if it is none of the destination's
 */
export function refusalOf(error: unknown, what: string, destination: string): unknown {
  if (!(error instanceof DestinationError)) return error;
  const { reason, topic } = error;
  return new DestinationRefusal(describe("upload", `${what} to ${destination}`, reason), {
    cause: error,
    topic,
  });
}
