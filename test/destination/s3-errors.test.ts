import { describe, expect, test } from "bun:test";
import { explainS3Error } from "../../src/destination/s3-errors.ts";

function answer(status: number, name: string, headers: Record<string, string> = {}) {
  return Object.assign(new Error("words of the library"), {
    name,
    $metadata: { httpStatusCode: status },
    $response: { statusCode: status, headers },
  });
}

function systemError(code: string) {
  return Object.assign(new Error("words of the library"), { code });
}

describe("explainS3Error()", () => {
  test.each([
    [503, "SlowDown"],
    [503, "ServiceUnavailable"],
    [500, "InternalError"],
    [502, "BadGateway"],
    [504, "GatewayTimeout"],
    [429, "TooManyRequestsException"],
    [408, "RequestTimeout"],
    [400, "RequestTimeout"],
    [403, "RequestTimeTooSkewed"],
    [400, "BadDigest"],
    [409, "OperationAborted"],
    [409, "ConditionalRequestConflict"],
    [307, "TemporaryRedirect"],
    [507, "XMinioStorageFull"],
    [520, "520"],
    [524, "524"],
  ])("finds %i %s worth a retry", (status, name) => {
    expect(explainS3Error(answer(status, name)).isWorthRetry).toBe(true);
  });

  test.each([
    [403, "AccessDenied"],
    [403, "InvalidAccessKeyId"],
    [403, "SignatureDoesNotMatch"],
    [400, "ExpiredToken"],
    [404, "NoSuchBucket"],
    [400, "InvalidStorageClass"],
    [501, "NotImplemented"],
    [301, "PermanentRedirect"],
  ])("finds %i %s final", (status, name) => {
    expect(explainS3Error(answer(status, name)).isWorthRetry).toBe(false);
  });

  test.each(["ECONNRESET", "ECONNREFUSED", "ETIMEDOUT", "EPIPE", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH"])(
    "finds the broken connection %s worth a retry",
    (code) => {
      expect(explainS3Error(systemError(code)).isWorthRetry).toBe(true);
    },
  );

  test("says what an answer means without the library's words", () => {
    const { reason } = explainS3Error(answer(403, "SignatureDoesNotMatch"));
    expect(reason).toBe(
      "403 SignatureDoesNotMatch (the secret access key is wrong: see AWS_SECRET_ACCESS_KEY or ~/.aws/credentials)",
    );
  });

  test("gives only the status of an answer that has no code", () => {
    expect(explainS3Error(answer(502, "502")).reason).toBe("502");
    expect(explainS3Error(answer(400, "UnknownError")).reason).toBe("400");
  });

  test.each([
    [400, "ExpiredToken", "the session token has expired", "AWS_SESSION_TOKEN"],
    [400, "ExpiredTokenException", "the session token has expired", "AWS_SESSION_TOKEN"],
    [400, "InvalidToken", "the session token is wrong", "AWS_SESSION_TOKEN"],
    [403, "InvalidAccessKeyId", "there is no such access key", "AWS_ACCESS_KEY_ID"],
    [404, "XAdminUserNotFound", "there is no such access key", "AWS_ACCESS_KEY_ID"],
    [403, "SignatureDoesNotMatch", "the secret access key is wrong", "AWS_SECRET_ACCESS_KEY"],
  ])("says where the keys are from that %i %s refuses", (status, name, text, variable) => {
    const refused = (origin: string, mayBeRenewed: boolean) =>
      explainS3Error(Object.assign(answer(status, name), { keys: { origin, mayBeRenewed } }));
    expect(refused("profile lab of ~/.aws/credentials", true)).toMatchObject({
      reason: `${status} ${name} (${text}: see profile lab of ~/.aws/credentials)`,
      isWorthRetry: true,
      topic: "credentials",
    });
    expect(refused("the environment", false)).toMatchObject({
      reason: `${status} ${name} (${text}: see ${variable} in the environment)`,
      isWorthRetry: false,
    });
  });

  test("passes on how long the server asks to be left alone", () => {
    expect(explainS3Error(answer(503, "SlowDown", { "retry-after": "60" })).retryAfterMs).toBe(60_000);
  });

  test("says by how many minutes the clock is off", () => {
    const date = new Date(Date.now() + 9 * 60_000).toUTCString();
    const { reason } = explainS3Error(answer(403, "RequestTimeTooSkewed", { date }));
    expect(reason).toBe(
      "403 RequestTimeTooSkewed (the clock of this host is 9 min behind; set it: timedatectl set-ntp true)",
    );
  });

  test("does not repeat a handshake with a certificate that is not trusted", () => {
    const error = explainS3Error(systemError("SELF_SIGNED_CERT_IN_CHAIN"));
    expect(error.isWorthRetry).toBe(false);
    expect(error.reason).toContain("AWS_CA_BUNDLE");
  });

  test("does not hide a bug", () => {
    const bug = new TypeError("x is not a function");
    expect(() => explainS3Error(bug)).toThrow(bug);
  });

  test.each([
    [
      403,
      "AccessDenied",
      "Access Denied because object protected by object lock.",
      "these credentials have no right to do that; ",
    ],
    [
      400,
      "InvalidRequest",
      "Content-MD5 is required for Put Object requests with Object Lock parameters",
      "",
    ],
    [403, "ForbiddenByLegalHold", "the object is held", ""],
  ] as const)(
    "shows the server's words where %i %s has more than one cause",
    (status, name, words, before) => {
      const error = Object.assign(answer(status, name), { message: words });
      expect(explainS3Error(error).reason).toBe(`${status} ${name} (${before}the server says "${words}")`);
    },
  );

  test("shows no words that are only the code again", () => {
    for (const message of ["Access Denied", "AccessDenied.", "UnknownError", ""]) {
      const error = Object.assign(answer(403, "AccessDenied"), { message });
      expect(explainS3Error(error).reason).toBe(
        "403 AccessDenied (these credentials have no right to do that)",
      );
    }
  });

  test("keeps the server's words on one line, short, and within their quotation marks", () => {
    const message = `a\x1b[31m"b"\n\u202ec ${"x".repeat(500)}`;
    const { reason } = explainS3Error(Object.assign(answer(400, "InvalidRequest"), { message }));
    expect(reason).toMatch(/^400 InvalidRequest \(the server says "a \[31m'b' c x{100,200}…"\)$/);
  });
});

test("an answer that fetch takes for no HTTP is tried again, also where the error has no code", () => {
  const error = new TypeError('InvalidHTTPResponse fetching "http://127.0.0.1/b/k". For more information');
  expect(explainS3Error(error)).toMatchObject({
    reason: "the answer is not HTTP (InvalidHTTPResponse)",
    isWorthRetry: true,
  });
});
