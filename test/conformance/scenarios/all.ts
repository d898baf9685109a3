import type { Scenario } from "../scenario.ts";
import { bucketMade, dottedBucket, foreignBucket, ownBucket } from "./buckets.ts";
import { checks } from "./checks.ts";
import { doctor, killed, restarted, verified } from "./commands.ts";
import { ifNoneMatch } from "./conditions.ts";
import { doubleSlash, longKey, oddKeys } from "./keys.ts";
import { listing } from "./listing.ts";
import { aborted, completedLate, completedTwice, parts } from "./multipart.ts";
import { encryption, metadata, storageClass, tags } from "./objects.ts";
import { wrongClock, wrongKey, wrongRegion, wrongSecret } from "./refusals.ts";

/** In the order of the columns; the one that restarts the server is the last. */
export const SCENARIOS: readonly Scenario[] = [
  ...[bucketMade, dottedBucket, ownBucket, foreignBucket],
  ...[oddKeys, doubleSlash, longKey, ...checks],
  ...[parts, aborted, completedTwice, completedLate, ifNoneMatch],
  ...[metadata, listing, tags, encryption, storageClass],
  ...[wrongKey, wrongSecret, wrongRegion, wrongClock],
  ...[verified, killed, doctor, restarted],
];
