import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { NotParsed } from "../system/errors.ts";
import { bucketNameProblem } from "./bucket-name.ts";

/** Where objects go; `prefix` is empty or ends with a slash. */
export type DestinationUrl =
  | { readonly kind: "s3"; readonly bucket: string; readonly prefix: string }
  | { readonly kind: "directory"; readonly path: string };

const MAX_PREFIX_BYTES = 900; // S3 keys have at most 1024 bytes; the rest is for the names below the prefix

/**
 * Parses `s3://bucket/prefix` or `file:///dir`, so that nothing is sent to a destination that cannot be.
 *
 * @throws NotParsed `must be s3://bucket/prefix or file:///dir`, or what is wrong with the bucket's name or the prefix
 */
export function parseDestination(text: string): DestinationUrl {
  const s3 = /^s3:\/\/([^/]*)(?:\/(.*))?$/s.exec(text);
  if (s3) return { kind: "s3", bucket: checkedBucket(s3[1]!), prefix: checkedPrefix(s3[2] ?? "") };
  if (!/^file:\/\/\//.test(text)) throw new NotParsed("must be s3://bucket/prefix or file:///dir");
  try {
    const url = new URL(text);
    const path = resolve(fileURLToPath(url));
    if (url.hash === "" && url.search === "" && !path.includes("\0")) return { kind: "directory", path };
  } catch {
    // Said below.
  }
  throw new NotParsed("must be file:/// with an absolute path, and # and ? as %23 and %3F");
}

function checkedBucket(name: string): string {
  const problem = bucketNameProblem(name);
  if (problem !== undefined) throw new NotParsed(problem);
  return name;
}

function checkedPrefix(text: string): string {
  if (text === "") return "";
  const prefix = text.endsWith("/") ? text : `${text}/`;
  if (Buffer.byteLength(prefix) > MAX_PREFIX_BYTES)
    throw new NotParsed(`a prefix has at most ${MAX_PREFIX_BYTES} bytes`);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  if (/[\x00-\x1f\x7f]/.test(prefix)) throw new NotParsed("a prefix has no control characters");
  if (prefix.startsWith("/") || prefix.split("/").some((part) => part === "." || part === "..")) {
    throw new NotParsed("a prefix does not begin with a slash and has no part . or ..");
  }
  return prefix;
}
