/** What the services say that give keys and places: instance, container, STS and sign-on. */

import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { answerWithKeys, KEY_SERVICES } from "../support/role-services.ts";
import { type Answer, hostileAnswer, startHostileServer } from "./hostile-server.ts";
import { errorBody } from "./s3-words.ts";
import { stranger } from "./stranger.ts";
import { bytes, spoilt, text } from "./texts.ts";
import { visit } from "./visit.ts";

const EXPIRES = "2099-12-31T00:00:00Z";
const keys = {
  Code: "Success",
  AccessKeyId: "FOUND",
  SecretAccessKey: "hushhush/secret",
  Token: "hushhush-token",
  Expiration: EXPIRES,
};
const signedOn = {
  roleCredentials: {
    accessKeyId: "FOUND",
    secretAccessKey: "hushhush/secret",
    sessionToken: "hushhush-token",
    expiration: 4e12,
  },
};
const element = fc.constantFrom("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration");
const sts = fc.tuple(element, text).map(([name, value]) => {
  const all = {
    AccessKeyId: "FOUND",
    SecretAccessKey: "hushhush/secret",
    SessionToken: "hushhush-token",
    Expiration: EXPIRES,
  };
  const xml = Object.entries({ ...all, [name]: value }).map(([key, one]) => `<${key}>${one}</${key}>`);
  return `<AssumeRoleResponse><AssumeRoleResult><Credentials>${xml.join("")}</Credentials></AssumeRoleResult></AssumeRoleResponse>`;
});
const place = fc.oneof(
  text,
  fc.constantFrom("eu-west-1", "198.51.100.1", "a-role", "198.51.100.1\nx", "us-east-1; touch harm"),
);

const body = fc.oneof(
  spoilt(fc.constant(keys)).map((one) => JSON.stringify(one) ?? ""),
  spoilt(fc.constant(signedOn)).map((one) => JSON.stringify(one) ?? ""),
  sts,
  place,
  errorBody,
  bytes,
);

const TO = ["--timeout", "500ms", "--connect-timeout", "1s", "--grace", "1s"];
const COMMANDS = {
  upload: ["upload", "a", "--attempts", "1", "--to", "s3://bucket", ...TO],
  "upload, bucket by the instance": ["upload", "a", "--attempts", "1", ...TO],
  doctor: ["doctor", "--json", ...TO],
  "doctor of a bucket": ["doctor", "--to", "s3://bucket", ...TO],
} as const;

const said = fc.record({
  way: fc.constantFrom(...Object.keys(KEY_SERVICES)),
  command: fc.constantFrom(...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])),
  isRegionSet: fc.boolean(),
  /** The first answers, undefined where it is the right one; all that follow are right. */
  answers: fc.array(fc.option(hostileAnswer(body), { nil: undefined }), { minLength: 1, maxLength: 5 }),
  isOnTerminal: fc.boolean(),
});

export const keyServices = stranger(
  said,
  async (place, { way, command, isRegionSet, answers, isOnTerminal }) => {
    writeFileSync(place.path("cwd", "a"), "a\n");
    place.seal();
    using services = await servicesWith(answers);
    using s3 = startHostileServer([], () => ({ headers: { etag: '"x"' } }));
    const env = {
      AWS_CONTAINER_AUTHORIZATION_TOKEN: "hushhush-container",
      AWS_ENDPOINT_URL_S3: s3.origin,
      ...KEY_SERVICES[way]!(services.origin),
      ...(isRegionSet ? { AWS_REGION: "us-east-1" } : {}),
    };
    await visit(place, { args: COMMANDS[command], env, isOnTerminal });
  },
);

/** The right answers are those of the tests, asked for before: nothing here may wait for them. */
async function servicesWith(answers: readonly (Answer | undefined)[]) {
  const said: (Answer | undefined)[] = [...answers, ...Array<undefined>(200)];
  const rightAnswers = new Map<string, string>();
  for (const path of RIGHT_PATHS) {
    const method = path.startsWith("POST") ? "POST" : "GET";
    const form = method === "POST" ? { body: path.slice(5) } : {};
    const answer = await answerWithKeys(
      new Request(`http://x${method === "POST" ? "/" : path}`, { method, ...form }),
    );
    rightAnswers.set(path, (await answer?.text()) ?? "");
  }
  return startHostileServer(said, ({ method, path }, asked) => {
    const action = new URLSearchParams(asked.toString()).get("Action");
    const name = method === "POST" ? `POST Action=${action}` : path.replace(/\?.*/, "");
    const found = rightAnswers.get(name);
    return found === undefined ? { status: 404 } : { body: found.replaceAll("secret", "hushhush/secret") };
  });
}

const META = "/latest/meta-data";
const RIGHT_PATHS = [
  "/latest/api/token",
  ...["placement/region", "public-ipv4", "iam/security-credentials/", "iam/security-credentials/a-role"].map(
    (path) => `${META}/${path}`,
  ),
  "/role",
  "/federation/credentials",
  "POST Action=AssumeRole",
  "POST Action=AssumeRoleWithWebIdentity",
];
