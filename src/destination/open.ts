import type { Messages } from "../system/message.ts";
import type { Destination } from "./destination.ts";
import { directoryDestination } from "./directory.ts";
import type { S3Settings } from "./s3.ts";
import type { DestinationUrl } from "./url.ts";

/**
 * Opens the destination that a URL names. The S3 client is loaded only here, because loading it costs 25 MB.
 *
 * @throws FatalError `unable to locate credentials: …`
 */
export async function openDestination(
  url: DestinationUrl,
  settings: S3Settings,
  messages: Messages,
): Promise<Destination> {
  if (url.kind === "directory") return directoryDestination(url.path, settings.mayCreateBucket);
  const { s3Destination } = await import("./s3.ts");
  return s3Destination(url.bucket, url.prefix, settings, messages);
}
