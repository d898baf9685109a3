/** Bodies as S3 has them, with texts of a stranger in them. */
import fc from "fast-check";
import { bytes, number, text } from "./texts.ts";

export const KEYS = {
  AWS_ACCESS_KEY_ID: "AKIDEXAMPLE",
  AWS_SECRET_ACCESS_KEY: "hushhush/secret",
  AWS_SESSION_TOKEN: "hushhush-session",
  AWS_REGION: "us-east-1",
};

const shown = fc.oneof({ arbitrary: text, weight: 5 }, { arbitrary: fc.constant("SHOWN"), weight: 1 });
/** What XML takes as text, as a rule. */
const escaped = fc.oneof(
  { arbitrary: shown.map((one) => one.replace(/[<&]/g, (c) => (c === "<" ? "&lt;" : "&amp;"))), weight: 3 },
  { arbitrary: shown, weight: 1 },
);
const code = fc.oneof(
  fc.constantFrom(
    ...[
      "AccessDenied",
      "NoSuchBucket",
      "NoSuchKey",
      "PermanentRedirect",
      "SlowDown",
      "ExpiredToken",
      "BadDigest",
    ],
    ...[
      "RequestTimeTooSkewed",
      "AuthorizationHeaderMalformed",
      "BucketAlreadyExists",
      "InvalidObjectState",
      "X",
    ],
  ),
  escaped,
);

export const errorBody = fc
  .tuple(code, escaped, escaped, escaped)
  .map(
    ([name, message, region, more]) =>
      `<?xml version="1.0"?><Error><Code>${name}</Code><Message>${message}</Message><Region>${region}</Region><Endpoint>${more}</Endpoint><Token-0>${more}</Token-0></Error>`,
  );

const entry = fc
  .tuple(escaped, fc.oneof(number, fc.nat(50).map(String)))
  .map(([key, size]) => `<Contents><Key>${key}</Key><Size>${size}</Size></Contents>`);

export const listingBody = fc
  .tuple(fc.array(entry, { maxLength: 5 }), fc.option(escaped), fc.boolean())
  .map(
    ([entries, token, isTruncated]) =>
      `<ListBucketResult><Name>bucket</Name><IsTruncated>${isTruncated}</IsTruncated>${token === null ? "" : `<NextContinuationToken>${token}</NextContinuationToken>`}${entries.join("")}</ListBucketResult>`,
  );

export const otherBody = fc.oneof(
  bytes,
  escaped.map(
    (one) => `<InitiateMultipartUploadResult><UploadId>${one}</UploadId></InitiateMultipartUploadResult>`,
  ),
  escaped.map((one) => `<LocationConstraint>${one}</LocationConstraint>`),
  fc.nat(5000).map((depth) => "<a>".repeat(depth)),
);
