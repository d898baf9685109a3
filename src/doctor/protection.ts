import type { BucketInspection, Told } from "../destination/bucket-inspection.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, ok, warning } from "./finding.ts";

const NOT_TOLD = "not told to this key";
const CLOSED = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

/** Public access, encryption and versions, as far as this key may ask; other servers than AWS are private without that. */
export async function checkProtection(
  inspection: BucketInspection,
  bucket: string,
  signal: AbortSignal,
): Promise<Finding[]> {
  const [isClosed, encryption, isVersioned] = await Promise.all([
    inspection.isClosedToPublic(signal),
    inspection.encryption(signal),
    inspection.isVersioned(signal),
  ]);
  const { isAws } = inspection;
  return [publicAccess(isClosed, bucket, isAws), encrypted(encryption, bucket, isAws), versions(isVersioned)];
}

function publicAccess(isClosed: Told<boolean>, bucket: string, isAws: boolean): Finding {
  if (isClosed === undefined) return ok("public access", NOT_TOLD);
  if (isClosed) return ok("public access", "blocked");
  if (!isAws) return ok("public access", "nothing blocks it; only AWS does from the start");
  const blocks = CLOSED.map((block) => `${block}=true`).join(",");
  const remedy = shell`aws s3api put-public-access-block --bucket ${bucket} --public-access-block-configuration ${blocks}`;
  return warning("public access", "a policy or an ACL could open the bucket to everybody", remedy);
}

function encrypted(encryption: Told<string>, bucket: string, isAws: boolean): Finding {
  if (encryption === undefined) return ok("encryption", NOT_TOLD);
  if (encryption !== "" || !isAws) return ok("encryption", encryption || "none");
  const rule = `{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}`;
  const remedy = shell`aws s3api put-bucket-encryption --bucket ${bucket} --server-side-encryption-configuration ${rule}`;
  return warning("encryption", "none, unless an object asks for it", remedy);
}

function versions(isVersioned: Told<boolean>): Finding {
  if (isVersioned === undefined) return ok("versions", NOT_TOLD);
  return ok("versions", isVersioned ? "kept" : "not kept");
}
