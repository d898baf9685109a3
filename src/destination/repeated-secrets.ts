/** Headers by which a server knows whom it serves. */
const SECRET_HEADERS =
  /^(authorization|x-amz-security-token|x-aws-ec2-metadata-token|x-amz-sso_bearer_token)$/i;
const HIDDEN = "***";

/** The body of an answer without the secrets of its request, which a server may repeat where it says what is wrong. */
export function withoutRepeated(headers: Readonly<Record<string, string>>, body: Uint8Array): Uint8Array {
  const secrets = Object.entries(headers).flatMap(([name, value]) =>
    SECRET_HEADERS.test(name) && value !== "" ? [Buffer.from(value).toString("latin1")] : [],
  );
  const text = Buffer.from(body.buffer, body.byteOffset, body.length).toString("latin1");
  const shown = secrets.reduce((rest, secret) => rest.replaceAll(secret, HIDDEN), text);
  return shown === text ? body : Buffer.from(shown, "latin1");
}
