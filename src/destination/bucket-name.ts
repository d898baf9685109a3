/**
 * Says what is wrong with the name of a bucket, or undefined if S3 takes it.
 * The rules are those of the page "General purpose bucket naming rules" of the S3 User Guide.
 */
export function bucketNameProblem(name: string): string | undefined {
  if (name.length < 3 || name.length > 63) return "a bucket name has 3 to 63 characters";
  if (!/^[a-z0-9.-]+$/.test(name))
    return "a bucket name has only lower-case letters, digits, dots and hyphens";
  if (!/^[a-z0-9].*[a-z0-9]$/.test(name)) return "a bucket name begins and ends with a letter or digit";
  if (name.includes("..")) return "a bucket name has no two dots in a row";
  if (/^\d+\.\d+\.\d+\.\d+$/.test(name)) return "a bucket name does not look like an IPv4 address";
  if (
    /^(xn--|sthree-|amzn-s3-demo-)/.test(name) ||
    /(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$/.test(name)
  ) {
    return "this beginning or ending of a bucket name is reserved by S3";
  }
  return undefined;
}
