/** Which answers of refusal pass by themselves, of AWS and of those that speak as it does, and what is in between. */

/**
 * Codes of answers that another attempt can turn into success, whatever their status is, which is 200 where the head was sent
 * before the work was done. They are those of the page "Error responses" of the S3 API Reference, those that AWS's own
 * tools retry, and what MinIO, Ceph, R2 and Google call the same.
 */
const PASSING_CODES = new Set([
  "BadDigest", // the body was damaged on its way
  "BandwidthLimitExceeded",
  "ClientTokenConflict",
  "ConcurrentModification",
  "ConditionalRequestConflict", // another condition on the same key is being decided
  "ExpiredRequest", // R2: the signature is old, because the clock was wrong or the body slow
  "IncompleteBody",
  "InternalError",
  "OperationAborted", // the bucket is being made by somebody else at this moment
  "PriorRequestNotComplete",
  // A store is full as a disk is: what has come of age in it makes room.
  "QuotaExceeded",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "RequestTimeout",
  "RequestTimeoutException",
  "RequestTimeTooSkewed", // the client corrects its clock by the server's answer
  "ServiceUnavailable",
  "SlowDown",
  "SlowDownRead",
  "SlowDownWrite",
  "TemporaryRedirect", // the bucket is new, and its name does not lead to it yet
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "TooManyRequests",
  "TooManyRequestsException",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
  "XMinioAdminBucketQuotaExceeded",
]);

/**
 * Statuses below 500: the network's login page (302, 303), a bucket whose name does not lead to it yet (307), and requests that
 * were too slow, too early, too many or given up by a proxy (423 is Ceph's busy one, 499 nginx's and MinIO's).
 */
const PASSING_STATUSES = new Set([302, 303, 307, 408, 423, 425, 429, 499]);

/** Statuses from 500 on that say what the server cannot do; all others say how it is: 507 full, 520 to 530 Cloudflare's. */
const LASTING_STATUSES = new Set([501, 505]);

/** Whether another attempt may succeed without anybody doing something. @param code The S3 error code, if there is one. */
export function isPassing(status: number, code: string): boolean {
  if (PASSING_CODES.has(code) || PASSING_STATUSES.has(status)) return true;
  return status >= 500 && !LASTING_STATUSES.has(status);
}

/**
 * How long an answer asks to be left alone, by its `Retry-After`: seconds, or a date, which is taken by the server's own clock
 * if that is told (RFC 9110, 10.2.3). 0 if it does not ask, or for what cannot be read.
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number {
  const asked = headers["retry-after"]?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(asked)) return Number(asked) * 1000;
  const untilMs = Date.parse(asked);
  const serverMs = Date.parse(headers.date ?? "");
  return Number.isNaN(untilMs) ? 0 : Math.max(0, untilMs - (Number.isNaN(serverMs) ? nowMs : serverMs));
}
