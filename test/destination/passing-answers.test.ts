import { describe, expect, test } from "bun:test";
import { isPassing, retryAfterMs } from "../../src/destination/passing-answers.ts";

const NOW_MS = Date.UTC(2017, 0, 12, 14, 36, 56);
const inSeconds = (seconds: number) => new Date(NOW_MS + seconds * 1000).toUTCString();

describe("isPassing()", () => {
  test.each([302, 303, 307, 408, 423, 425, 429, 499, 500, 502, 503, 504, 507, 509, 511, 520, 522, 524, 530])(
    "takes %i without a code for one that passes",
    (status) => {
      expect(isPassing(status, "")).toBe(true);
    },
  );

  test.each([301, 304, 308, 400, 401, 403, 404, 405, 409, 411, 412, 413, 416, 501, 505])(
    "takes %i without a code for one that stays",
    (status) => {
      expect(isPassing(status, "")).toBe(false);
    },
  );

  test.each([
    [200, "InternalError"],
    [200, "SlowDown"],
    [307, "TemporaryRedirect"],
    [400, "ExpiredRequest"],
    [400, "XMinioAdminBucketQuotaExceeded"],
    [403, "QuotaExceeded"],
    [403, "RequestTimeTooSkewed"],
    [409, "ConcurrentModification"],
    [409, "ConditionalRequestConflict"],
    [409, "OperationAborted"],
    [503, "XMinioServerNotInitialized"],
    [507, "XMinioStorageFull"],
  ])("takes %i %s for one that passes", (status, code) => {
    expect(isPassing(status, code)).toBe(true);
  });

  test.each([
    [400, "InvalidPart"],
    [403, "AccessDenied"],
    [404, "NoSuchUpload"],
    [409, "BucketAlreadyExists"],
    [412, "PreconditionFailed"],
    [501, "NotImplemented"],
  ])("takes %i %s for one that stays", (status, code) => {
    expect(isPassing(status, code)).toBe(false);
  });
});

describe("retryAfterMs()", () => {
  test.each([
    ["seconds", { "retry-after": "7" }, 7000],
    ["seconds with a point, as no standard has them", { "retry-after": " 1.5 " }, 1500],
    ["a date, by this host's clock", { "retry-after": inSeconds(9) }, 9000],
    [
      "a date, by the server's clock, which is an hour ahead",
      { "retry-after": inSeconds(3609), date: inSeconds(3600) },
      9000,
    ],
    ["a date that is over", { "retry-after": inSeconds(-9) }, 0],
    ["nothing", {}, 0],
    ["what is neither", { "retry-after": "soon" }, 0],
    ["an empty one", { "retry-after": "" }, 0],
  ] as [string, Record<string, string>, number][])("reads %s", (_, headers, expected) => {
    expect(retryAfterMs(headers, NOW_MS)).toBe(expected);
  });
});
