/** Endings of names that S3 itself gives, to things that take other requests than a bucket does. */
const OTHER_KINDS: readonly (readonly [ending: string, kind: string])[] = [
  ["--x-s3", "directory buckets (S3 Express One Zone)"],
  ["--op-s3", "access points of S3 on Outposts"],
  ["--ol-s3", "access points of Object Lambda"],
  [".mrap", "multi-region access points"],
  ["--table-s3", "table buckets"],
];

/**
 * Says what is wrong with the name of a bucket, or undefined if S3 takes it. The alias of an access point, which ends in
 * `-s3alias`, is taken for a bucket, as by S3. The rules are those of the page "General purpose bucket naming rules" of the
 * S3 User Guide.
 */
export function bucketNameProblem(name: string): string | undefined {
  if (name.startsWith("arn:"))
    return "ARNs are not supported: give the name of the bucket, or the alias of the access point, which ends in -s3alias";
  const other = OTHER_KINDS.find(([ending]) => name.endsWith(ending));
  if (other) return `${other[1]} are not supported: give the name of a general purpose bucket`;
  if (name.length < 3 || name.length > 63) return "a bucket name has 3 to 63 characters";
  if (!/^[a-z0-9.-]+$/.test(name))
    return "a bucket name has only lower-case letters, digits, dots and hyphens";
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return "a bucket name begins and ends with a letter or digit";
  if (name.includes("..")) return "a bucket name has no two dots in a row";
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "a bucket name does not look like an IPv4 address";
  if (/^(xn--|sthree-|amzn-s3-demo-)/.test(name)) return "this beginning of a bucket name is reserved by S3";
  return undefined;
}
