import type { BucketInspection, Told } from "../destination/bucket-inspection.ts";
import { type Destination, DestinationError, PLAIN } from "../destination/destination.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";
import { remedyOf, type Target } from "./remedies.ts";
import { TEST_CONTENT, testName } from "./test-object.ts";

export interface BucketLook {
  readonly destination: Destination;
  readonly inspection: BucketInspection;
  readonly target: Target;
  /** Uploads make the bucket when it is missing. */
  readonly mayCreate: boolean;
}

/**
 * Whether the bucket is there, is ours and takes objects: puts one as an upload would, reads it if this key may, and
 * deletes it again.
 *
 * @param signal Is aborted with a DestinationError.
 */
export async function checkBucket(look: BucketLook, signal: AbortSignal): Promise<Finding[]> {
  const { destination, inspection, target } = look;
  const isOurs = inspection.isOurs(signal).catch(() => undefined);
  const name = testName();
  try {
    await destination.put({ key: name, content: TEST_CONTENT, contentType: PLAIN }, signal);
  } catch (error) {
    const failure = signal.aborted ? signal.reason : error;
    if (failure instanceof DestinationError) return [explain(failure, look)];
    throw error;
  }
  const url = destination.locate(name);
  const key = `${target.prefix}${name}`;
  const read = await attempt(() => inspection.read(key, signal));
  const removed = await attempt(() => inspection.remove(key, read.value?.version, signal));
  return [
    ok("bucket", `${destination.name} is there${ownership(await isOurs)}`),
    ok("writing", "a test object was stored as an upload is"),
    readingFinding(read, url),
    removalFinding(removed, url, target.bucket),
  ];
}

interface Attempted<T> {
  readonly value: Told<T>;
  readonly failure: DestinationError | undefined;
}

/** One that fails does not keep the test object from being deleted. */
async function attempt<T>(question: () => Promise<Told<T>>): Promise<Attempted<T>> {
  try {
    return { value: await question(), failure: undefined };
  } catch (error) {
    if (error instanceof DestinationError) return { value: undefined, failure: error };
    throw error;
  }
}

function ownership(isOurs: Told<boolean>): string {
  if (isOurs === undefined) return "";
  return isOurs ? " and ours" : "; it is another account's that lets us in";
}

function readingFinding({ value, failure }: Attempted<{ bytes: Uint8Array }>, url: string): Finding {
  const copy = shell`aws s3 cp ${url} -`;
  if (failure) return warning("reading", `the test object cannot be read: ${failure.reason}`, copy);
  if (value === undefined) return ok("reading", "not allowed, and needed by verify only");
  const isSame = TEST_CONTENT.equals(value.bytes);
  return isSame
    ? ok("reading", "the test object is what was stored")
    : failed("reading", "the test object is not what was stored", copy);
}

function removalFinding({ value, failure }: Attempted<boolean>, url: string, bucket: string): Finding {
  const remove = shell`aws s3 rm ${url}`;
  if (failure) return warning("deleting", `the test object ${url} stays: ${failure.reason}`, remove);
  if (value === undefined)
    return warning("deleting", `the test object ${url} stays: this key may not delete`, remove);
  return value
    ? ok("deleting", "the test object is gone")
    : warning(
        "deleting",
        `a version of the test object ${url} stays`,
        shell`aws s3api list-object-versions --bucket ${bucket}`,
      );
}

function explain(
  { topic, reason }: DestinationError,
  { destination, target, mayCreate }: BucketLook,
): Finding {
  const remedy = remedyOf(topic, target);
  if (topic === "bucket" && mayCreate)
    return warning("bucket", `${destination.name} is not there yet; the first upload makes it`, remedy);
  const isAboutKeys = topic === "credentials" || topic === "session" || topic === "sign-on";
  const check = topic === "bucket" ? "bucket" : isAboutKeys ? "credentials" : "writing";
  return failed(check, `unable to store a test object in ${destination.name}: ${reason}`, remedy);
}
