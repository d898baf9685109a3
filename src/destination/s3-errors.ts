import { errnoName, errnoText, isSystemError } from "../system/errno.ts";
import type { Topic } from "../system/errors.ts";
import { DestinationError } from "./destination.ts";
import { toldRegion } from "./region-name.ts";
import type { Answer } from "./transport.ts";

const WRONG_REGION = "the bucket is not in this region: export AWS_REGION=REGION with its own";

/**
 * What an S3 error code means for the person who has to act on it. Codes are those of the page "Error responses"
 * of the S3 API Reference; a code that is not here is printed as it is.
 */
const MEANINGS: Record<string, string> = {
  AccessDenied: "these credentials have no right to do that",
  AccountProblem: "there is a problem with the AWS account",
  AllAccessDisabled: "all access to the bucket is disabled",
  AuthorizationHeaderMalformed: WRONG_REGION,
  ExpiredToken: "the session token has expired: AWS_SESSION_TOKEN and its keys have to be renewed",
  IllegalLocationConstraintException: WRONG_REGION,
  InvalidAccessKeyId: "there is no such access key: see AWS_ACCESS_KEY_ID or ~/.aws/credentials",
  InvalidBucketName: "S3 does not take this bucket name",
  InvalidStorageClass: "S3 does not know this storage class",
  InvalidLocationConstraint: WRONG_REGION,
  InvalidToken: "the session token is wrong: see AWS_SESSION_TOKEN or ~/.aws/credentials",
  KeyTooLongError: "the key is longer than 1024 bytes",
  NoSuchBucket: "the bucket does not exist",
  PermanentRedirect: WRONG_REGION,
  SignatureDoesNotMatch: "the secret access key is wrong: see AWS_SECRET_ACCESS_KEY or ~/.aws/credentials",
  TooManyBuckets: "the account has as many buckets as it may",
};

/** The codes that doctor has more to say about. */
const TOPICS: Record<string, Topic> = {
  AccessDenied: "access",
  AllAccessDisabled: "access",
  AuthorizationHeaderMalformed: "region",
  ExpiredToken: "credentials",
  IllegalLocationConstraintException: "region",
  InvalidAccessKeyId: "credentials",
  InvalidToken: "credentials",
  NoSuchBucket: "bucket",
  PermanentRedirect: "region",
  RequestTimeTooSkewed: "clock",
  SignatureDoesNotMatch: "credentials",
};

/** Codes of answers below 500 that another attempt can turn into success. */
const RETRYABLE_CODES = new Set([
  "BadDigest", // the body was damaged on its way
  "ClientTokenConflict",
  "ConcurrentModification",
  "IncompleteBody",
  "OperationAborted", // the bucket is being made by somebody else at this moment
  "RequestTimeout",
  "RequestTimeoutException",
  "RequestTimeTooSkewed", // the client corrects its clock by the server's answer
  "SlowDown",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "XAmzContentChecksumMismatch",
  "XAmzContentSHA256Mismatch",
]);

const RETRYABLE_STATUSES = new Set([408, 425, 429, 500, 502, 503, 504]);

/** How many characters of a server's words are shown. */
const MOST_WORDS = 200;

/** System errors of a connection that may be gone a moment later. */
const RETRYABLE_ERRNOS = new Set([
  "EAI_AGAIN",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTDOWN",
  "EHOSTUNREACH",
  "EMFILE",
  "ENETDOWN",
  "ENETUNREACH",
  "ENOTFOUND",
  "EPIPE",
  "ETIMEDOUT",
]);

const NETWORK_TEXTS: Record<string, string> = {
  EAI_AGAIN: "the name of the server cannot be looked up now: no name server answers",
  ENOTFOUND: "the name of the server does not exist: see AWS_REGION and AWS_ENDPOINT_URL_S3",
  EPROTO: "the server does not speak TLS there",
};

/** What an answer of refusal tells. */
interface ServiceError {
  /** The S3 error code, or whatever stands for it in an answer that has none. */
  readonly name: string;
  /** The server's own words; empty if there are none. */
  readonly words: string;
  readonly status: number;
  readonly headers: Record<string, string>;
  /** Where the bucket is, if the answer tells. */
  readonly region: string | undefined;
  /** True if the clock was off by so much that this is why, and is corrected now. */
  readonly isClockCorrected: boolean;
}

/** An answer of refusal to a request that was not the SDK client's. */
export class RefusedAnswer extends Error {
  readonly service: ServiceError;

  constructor({ status, headers, body }: Answer, isClockCorrected: boolean) {
    super(`status ${status}`);
    const text = new TextDecoder().decode(body);
    const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    const name = element("Code") ?? "";
    const words = withoutEntities(element("Message") ?? "");
    const region = regionIn(headers, element("Region"));
    this.service = { name, words, status, headers, region, isClockCorrected };
  }
}

/** Reads an error that came from an answer of the server; undefined for any other error. */
export function serviceError(error: unknown): ServiceError | undefined {
  if (error instanceof RefusedAnswer) return error.service;
  const e = error as {
    name?: string;
    message?: string;
    Region?: string;
    $metadata?: { httpStatusCode?: number; clockSkewCorrected?: boolean };
    $response?: { headers?: Record<string, string>; statusCode?: number };
  };
  const status = e?.$metadata?.httpStatusCode ?? e?.$response?.statusCode;
  if (typeof status !== "number" || typeof e.name !== "string") return undefined;
  const isClockCorrected = e.$metadata?.clockSkewCorrected === true;
  const headers = e.$response?.headers ?? {};
  const region = regionIn(headers, e.Region);
  return { name: e.name, words: e.message ?? "", status, headers, region, isClockCorrected };
}

/** @param element The one in the body, for answers without the header. */
function regionIn(headers: Record<string, string>, element: string | undefined): string | undefined {
  return toldRegion(headers["x-amz-bucket-region"]) ?? toldRegion(element);
}

/** The refusal of something that the owner of the bucket can allow: `allow these credentials s3:PutObject on …`. */
export function lackingPermission(permission: string, resource: string, cause: unknown): DestinationError {
  const allow = `allow these credentials ${permission} on arn:aws:s3:::${resource}`;
  const words = quotedWords(serviceError(cause));
  const reason = `403 AccessDenied (${words === undefined ? allow : `${allow}; ${words}`})`;
  return new DestinationError(reason, false, cause, "access");
}

/** Turns whatever an S3 request failed with into a reason in our words and the verdict whether to try again. */
export function explainS3Error(error: unknown): DestinationError {
  if (error instanceof DestinationError) return error;
  const service = serviceError(error);
  if (service) return explainAnswer(service, error);
  const code = errnoName(error);
  if (code !== undefined && /CERT|ERR_TLS|SELF_SIGNED|UNABLE_TO_/.test(code)) {
    const reason = `the server's certificate is not trusted (${code}; AWS_CA_BUNDLE names a file of trusted ones)`;
    return new DestinationError(reason, false, error, "tls");
  }
  if (code !== undefined && (code in NETWORK_TEXTS || isSystemError(error))) {
    const topic = code === "EPROTO" ? "tls" : "endpoint";
    const reason = NETWORK_TEXTS[code] ?? errnoText(code);
    return new DestinationError(reason, RETRYABLE_ERRNOS.has(code), error, topic);
  }
  if (error instanceof Error && /^Proxy refused/.test(error.message)) {
    const status = /\d{3}/.exec(error.message)?.[0] ?? "no status";
    const reason = `the proxy refuses to open a tunnel (${status})`;
    return new DestinationError(reason, /^5/.test(status), error, "endpoint");
  }
  if (code === "ERR_INVALID_ARG_VALUE" && error instanceof Error && /proxy/.test(error.message)) {
    const reason = "the address of the proxy is no URL: see HTTPS_PROXY, HTTP_PROXY and ALL_PROXY";
    return new DestinationError(reason, false, error, "endpoint");
  }
  if (code === "UnsupportedProxyProtocol") {
    const reason = "the proxy is reached neither by http nor by https";
    return new DestinationError(reason, false, error, "endpoint");
  }
  // Of fetch's own errors (Malformed_HTTP_Response, InvalidContentLength, …) only these have a code.
  if (code !== undefined && error instanceof TypeError) {
    return new DestinationError(`the answer is not HTTP (${code})`, true, error, "endpoint");
  }
  throw error;
}

/**
 * The ETag of an answer of success. S3 names one for all that it stores; an answer without it came from something in
 * between, such as the login page of a network.
 *
 * @throws DestinationError `the answer is not that of S3: it has no ETag`
 */
export function storedEtag({ headers }: Answer): string {
  if (!headers.etag) throw notOfS3("ETag");
  return headers.etag;
}

/** The error for an answer of success that lacks what S3 always gives. */
export function notOfS3(missing: string): DestinationError {
  const reason = `the answer is not that of S3: it has no ${missing}`;
  return new DestinationError(reason, true, undefined, "endpoint");
}

function explainAnswer(service: ServiceError, error: unknown): DestinationError {
  const { name, status } = service;
  const isWorthRetry = RETRYABLE_STATUSES.has(status) || RETRYABLE_CODES.has(name);
  // The SDK names an answer that it cannot read after a class of its own or after the status.
  const code =
    /^[A-Z][A-Za-z0-9]+$/.test(name) && !/^(Unknown|UnknownError|Error|S3ServiceException)$/.test(name);
  const meaning =
    name === "RequestTimeTooSkewed"
      ? clockMeaning(service)
      : Object.hasOwn(MEANINGS, name)
        ? MEANINGS[name]
        : undefined;
  const words = code && (meaning === undefined || name === "AccessDenied") ? quotedWords(service) : undefined;
  const remark = [meaning, words].filter((text) => text !== undefined).join("; ");
  const reason = `${status}${code ? ` ${name}` : ""}${remark ? ` (${remark})` : ""}`;
  const topic = Object.hasOwn(TOPICS, name) ? TOPICS[name] : undefined;
  return new DestinationError(reason, isWorthRetry, error, topic);
}

/** What the server says beyond its code, in quotation marks and on one line; undefined if that is nothing. */
function quotedWords(service: ServiceError | undefined): string | undefined {
  const { name = "", words = "" } = service ?? {};
  const text = words
    .replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}]+/gu, " ")
    .replaceAll('"', "'")
    .trim();
  const letters = (one: string) => one.toLowerCase().replace(/[^a-z]/g, "");
  if (letters(text) === letters(name) || /^UnknownError$/i.test(text) || text === "") return undefined;
  const isLong = text.length > MOST_WORDS;
  return `the server says "${isLong ? `${text.slice(0, MOST_WORDS).trimEnd()}…` : text}"`;
}

function withoutEntities(text: string): string {
  const characters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => characters[name]!);
}

function clockMeaning(service: ServiceError): string {
  const serverMs = Date.parse(service.headers.date ?? "");
  const remedy = "set it: timedatectl set-ntp true";
  if (Number.isNaN(serverMs)) return `the clock of this host is wrong; ${remedy}`;
  const minutes = Math.round((Date.now() - serverMs) / 60_000);
  return `the clock of this host is ${Math.abs(minutes)} min ${minutes < 0 ? "behind" : "ahead"}; ${remedy}`;
}
