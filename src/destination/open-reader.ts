import { directoryReader } from "./directory-reader.ts";
import type { ObjectReader } from "./reader.ts";
import type { ClientSettings } from "./s3-client.ts";
import type { DestinationUrl } from "./url.ts";

/**
 * Opens what a URL names for reading. The S3 client is loaded only here, as in `openDestination()`.
 *
 * @throws FatalError `unable to locate credentials: …`
 */
export async function openReader(url: DestinationUrl, settings: ClientSettings): Promise<ObjectReader> {
  if (url.kind === "directory") return directoryReader(url.path);
  const { s3Reader } = await import("./s3-reader.ts");
  return s3Reader(url.bucket, url.prefix, settings);
}
