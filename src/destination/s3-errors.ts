import { errnoName, errnoText, isSystemError } from "../system/errno.ts";
import type { Topic } from "../system/errors.ts";
import { DestinationError } from "./destination.ts";
import { ENVIRONMENT, isOfSignOn } from "./key-origin.ts";
import { isPassing, retryAfterMs } from "./passing-answers.ts";
import { codeOf, type ServiceError, serviceError } from "./service-error.ts";
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
  IllegalLocationConstraintException: WRONG_REGION,
  InvalidBucketName: "S3 does not take this bucket name",
  InvalidStorageClass: "S3 does not know this storage class",
  InvalidLocationConstraint: WRONG_REGION,
  KeyTooLongError: "the key is longer than 1024 bytes",
  NoSuchBucket: "the bucket does not exist",
  PermanentRedirect: WRONG_REGION,
  TooManyBuckets: "the account has as many buckets as it may",
};

const EXPIRED = { text: "the session token has expired", variable: "AWS_SESSION_TOKEN" };
const WRONG_TOKEN = { text: "the session token is wrong", variable: "AWS_SESSION_TOKEN" };
const UNKNOWN_KEY = { text: "there is no such access key", variable: "AWS_ACCESS_KEY_ID" };
const WRONG_SECRET = { text: "the secret access key is wrong", variable: "AWS_SECRET_ACCESS_KEY" };

/** What is wrong with the keys, and which variable holds it if they are from the environment. */
const KEY_MEANINGS: Record<string, { readonly text: string; readonly variable: string }> = {
  ExpiredToken: EXPIRED,
  ExpiredTokenException: EXPIRED,
  InvalidAccessKeyId: UNKNOWN_KEY,
  InvalidToken: WRONG_TOKEN,
  InvalidTokenId: WRONG_TOKEN, // MinIO
  RequestExpired: EXPIRED,
  SignatureDoesNotMatch: WRONG_SECRET,
  TokenRefreshRequired: EXPIRED,
  Unauthorized: UNKNOWN_KEY, // R2
  XAdminUserNotFound: UNKNOWN_KEY, // versitygw, with status 404
};

/** Whether a code says that the keys are over, were replaced or are wrong. */
export function isAboutKeys(code: string): boolean {
  return Object.hasOwn(KEY_MEANINGS, code);
}

/** The codes that doctor has more to say about. */
const TOPICS: Record<string, Topic> = {
  AccessDenied: "access",
  AllAccessDisabled: "access",
  AuthorizationHeaderMalformed: "region",
  IllegalLocationConstraintException: "region",
  NoSuchBucket: "bucket",
  PermanentRedirect: "region",
  RequestTimeTooSkewed: "clock",
};

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
    const topic = code === "EPROTO" ? "plain" : code in NETWORK_TEXTS ? "name" : "endpoint";
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
  // Fetch's own errors have a code (Malformed_HTTP_Response, …), or name it in their message (InvalidHTTPResponse).
  const fault =
    error instanceof TypeError ? (code ?? /^([A-Za-z_]+) fetching "/.exec(error.message)?.[1]) : undefined;
  if (fault !== undefined)
    return new DestinationError(`the answer is not HTTP (${fault})`, true, error, "endpoint");
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
  const { name, status, headers, keys } = service;
  const code = codeOf(name);
  const isWorthRetry = isPassing(status, name) || keys?.mayBeRenewed === true;
  const meaning = meaningOf(service);
  const words =
    code !== undefined && (meaning === undefined || name === "AccessDenied")
      ? quotedWords(service)
      : undefined;
  const remark = [meaning, words].filter((text) => text !== undefined).join("; ");
  const reason = `${status}${code === undefined ? "" : ` ${code}`}${remark ? ` (${remark})` : ""}`;
  const topic = isAboutKeys(name)
    ? keysTopic(name, keys)
    : Object.hasOwn(TOPICS, name)
      ? TOPICS[name]
      : undefined;
  return new DestinationError(reason, isWorthRetry, error, topic, retryAfterMs(headers, Date.now()));
}

function meaningOf({ name, keys, headers }: ServiceError): string | undefined {
  if (name === "RequestTimeTooSkewed") return clockMeaning(headers);
  if (!isAboutKeys(name)) return Object.hasOwn(MEANINGS, name) ? MEANINGS[name] : undefined;
  const { text, variable } = KEY_MEANINGS[name]!;
  if (keys === undefined) return `${text}: see ${variable} or ~/.aws/credentials`;
  return `${text}: see ${keys.origin === ENVIRONMENT ? `${variable} in ` : ""}${keys.origin}`;
}

function keysTopic(name: string, keys: ServiceError["keys"]): Topic {
  if (keys !== undefined && isOfSignOn(keys.origin)) return "sign-on";
  const isSession = KEY_MEANINGS[name]!.variable === "AWS_SESSION_TOKEN";
  return isSession && (keys === undefined || keys.origin === ENVIRONMENT) ? "session" : "credentials";
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

function clockMeaning({ date = "" }: Record<string, string>): string {
  const serverMs = Date.parse(date);
  const remedy = "set it: timedatectl set-ntp true";
  if (Number.isNaN(serverMs)) return `the clock of this host is wrong; ${remedy}`;
  const minutes = Math.round((Date.now() - serverMs) / 60_000);
  return `the clock of this host is ${Math.abs(minutes)} min ${minutes < 0 ? "behind" : "ahead"}; ${remedy}`;
}
