import { describe, expect, test } from "bun:test";
import { bucketNameProblem } from "../../src/destination/bucket-name.ts";
import { parseDestination } from "../../src/destination/url.ts";

describe("parseDestination()", () => {
  test("reads bucket and prefix, and ends the prefix with a slash", () => {
    expect(parseDestination("s3://my-bucket")).toEqual({ kind: "s3", bucket: "my-bucket", prefix: "" });
    expect(parseDestination("s3://my-bucket/")).toEqual({ kind: "s3", bucket: "my-bucket", prefix: "" });
    expect(parseDestination("s3://my-bucket/a/b")).toEqual({
      kind: "s3",
      bucket: "my-bucket",
      prefix: "a/b/",
    });
    expect(parseDestination("s3://my-bucket/a/b/")).toEqual({
      kind: "s3",
      bucket: "my-bucket",
      prefix: "a/b/",
    });
  });

  test("reads a directory", () => {
    expect(parseDestination("file:///tmp/out")).toEqual({ kind: "directory", path: "/tmp/out" });
    expect(parseDestination("file:///tmp/a%20b/")).toEqual({ kind: "directory", path: "/tmp/a b" });
  });

  test.each([
    ["/tmp/out", "must be s3://bucket/prefix or file:///dir"],
    ["http://host/bucket", "must be s3://bucket/prefix or file:///dir"],
    ["s3:/bucket", "must be s3://bucket/prefix or file:///dir"],
    ["s3://", "a bucket name has 3 to 63 characters"],
    ["s3://my-bucket//a", "a prefix does not begin with a slash and has no part . or .."],
    ["s3://my-bucket/a/../b", "a prefix does not begin with a slash and has no part . or .."],
    ["s3://my-bucket/a\nb", "a prefix has no control characters"],
    [`s3://my-bucket/${"x".repeat(900)}`, "a prefix has at most 900 bytes"],
  ])("refuses %p", (text, reason) => {
    expect(() => parseDestination(text)).toThrow(reason);
  });
});

describe("bucketNameProblem()", () => {
  test.each(["abc", "203.0.113.7-logs", "my.bucket-1", "my-logs-abc-s3alias", "a".repeat(63)])(
    "finds nothing wrong with %p",
    (name) => {
      expect(bucketNameProblem(name)).toBeUndefined();
    },
  );

  test.each([
    "ab",
    "a".repeat(64),
    "Upper",
    "under_score",
    "-abc",
    "abc-",
    "a..b",
    "192.168.5.4",
    "xn--abc",
    "a b",
  ])("finds something wrong with %p", (name) => {
    expect(bucketNameProblem(name)).toBeString();
  });

  test.each([
    ["arn:aws:s3:us-east-1:123456789012:accesspoint", "ARNs are not supported"],
    ["arn:aws:s3:::my-logs", "ARNs are not supported"],
    ["my-logs--use1-az5--x-s3", "directory buckets (S3 Express One Zone) are not supported"],
    ["my-point--op-s3", "access points of S3 on Outposts are not supported"],
    ["my-point--ol-s3", "access points of Object Lambda are not supported"],
    ["m7ws29yf.mrap", "multi-region access points are not supported"],
    ["tables--table-s3", "table buckets are not supported"],
  ])("says of %s that it is not supported", (name, problem) => {
    expect(bucketNameProblem(name)).toStartWith(problem);
  });
});
