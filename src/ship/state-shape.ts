import { momentOf } from "../contract/generation-id.ts";
import { isPlainKey } from "../contract/shipped-key.ts";
import { WINDOW_BYTES } from "../follow/cursor.ts";
import type { Packing } from "../follow/log-files.ts";

/**
 * Whether what a state file holds is a state in all its parts. Its checksum tells a damaged file only: who may write to the
 * directory can give any file the right one, and `status` and `doctor` read it as root. What is no state is shipped again from
 * the start, so that this asks for no more than that every part is what it is read as.
 */
export function isSourceState(value: unknown): boolean {
  return isState(value);
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string" && !value.includes("\0");
const isKey: Check = (value) => typeof value === "string" && isPlainKey(value);
const isGeneration: Check = (value) => typeof value === "string" && !Number.isNaN(momentOf(value));
const isFlag: Check = (value) => typeof value === "boolean";
/** Milliseconds, which may have a fraction or lie before 1970. */
const isMoment: Check = (value) => typeof value === "number" && Math.abs(value) <= LATEST_MS;
/** -1 stands for a size that is not known; inodes can be larger than what a number holds exactly. */
const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
const isOffset: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;

/** The last moment of a Date. */
const LATEST_MS = 8.64e15;

const PACKINGS: readonly Packing[] = ["gzip", "zstd", "xz", "bzip2"];

const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.every(check);
const hasParts =
  (parts: Record<string, Check>): Check =>
  (value) =>
    typeof value === "object" &&
    value !== null &&
    Object.entries(parts).every(([name, check]) =>
      check(Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined),
    );

const isDigest = hasParts({
  bytes: (value) => isOffset(value) && (value as number) <= WINDOW_BYTES,
  sha256: isText,
});
const isInode = { device: isNumber, inode: isNumber };
const isPlace = hasParts({ ...isInode, offset: isOffset, head: isDigest, tail: isDigest });
const isLeftFile = hasParts({
  ...isInode,
  head: isDigest,
  tail: optional(isDigest),
  size: isNumber,
  modifiedMs: isMoment,
  isOlder: optional(isFlag),
  hasGrown: optional(isFlag),
});
const isPrevious = hasParts({ generation: isGeneration, end: isOffset });
const isIntention = hasParts({
  first: isOffset,
  last: isOffset,
  key: isKey,
  isGzip: isFlag,
  records: isNumber,
  crc32: isText,
  begunAtMs: isMoment,
});
const isGenerationState = hasParts({
  id: isGeneration,
  start: isOffset,
  previous: optional(isPrevious),
  lostBytes: isNumber,
  path: isText,
  place: isPlace,
  sizeBytes: isNumber,
  end: optional(isDigest),
  modifiedMs: isMoment,
  isGzip: isFlag,
  packing: optional((value) => PACKINGS.some((packing) => packing === value)),
  isEnded: isFlag,
  intentions: listOf(isIntention),
});
const isState = hasParts({
  source: isText,
  kind: (value) => value === "file" || value === "directory",
  destination: optional(isText),
  host: optional(isText),
  latest: optional(isPrevious),
  lostBytes: isNumber,
  lastBegunMs: isMoment,
  acknowledgedMs: isMoment,
  generations: listOf(isGenerationState),
  modifiedMs: isMoment,
  older: optional(listOf(isLeftFile)),
  asked: optional(isText),
  allLostBytes: optional(isNumber),
  done: listOf(isText),
});
