/** What an S3 server answers to whatever is asked: errors, listings, headers and bytes. */

import { writeFileSync } from "node:fs";
import fc from "fast-check";
import { hostileAnswer, type Right, startHostileServer } from "./hostile-server.ts";
import { errorBody, KEYS, listingBody, otherBody } from "./s3-words.ts";
import { stranger } from "./stranger.ts";
import { visit } from "./visit.ts";

const TO = ["--to", "s3://bucket/p", "--timeout", "400ms", "--connect-timeout", "1s", "--grace", "1s"];
const ONCE = ["--once", "--attempts", "2"];
const COMMANDS = {
  upload: ["upload", "a", "b", "--attempts", "2", ...TO],
  "upload --json": ["upload", "a", "--json", "--gzip", "--attempts", "2", ...TO],
  run: ["run", "--records", "30", "--piece-records", "10", "--success", ...ONCE, ...TO],
  ship: ["ship", "a", "--piece-bytes", "64K", "--concurrency", "2", ...ONCE, ...TO],
  verify: ["verify", "s3://bucket/p", "--attempts", "2", "--timeout", "400ms"],
  "verify --source": ["verify", "s3://bucket/p", "--attempts", "2", "--timeout", "400ms", "--source", "a"],
  doctor: ["doctor", ...TO],
  "doctor --json": ["doctor", "--json", ...TO],
} as const;

const right: Right = ({ method, path }) => {
  if (method === "GET" && path.includes("list-type=2"))
    return {
      body: "<ListBucketResult><Name>bucket</Name><IsTruncated>false</IsTruncated><Contents><Key>p/a</Key><Size>2</Size></Contents></ListBucketResult>",
    };
  if (method === "GET") return { headers: { etag: '"x"' }, body: "a\n" };
  return { headers: { etag: '"x"' } };
};

const said = fc.record({
  command: fc.constantFrom(...(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])),
  answers: fc.array(
    fc.option(hostileAnswer(fc.oneof(errorBody, listingBody, otherBody)), { nil: undefined, freq: 3 }),
    {
      minLength: 1,
      maxLength: 4,
    },
  ),
  isOnTerminal: fc.boolean(),
});

export const s3Server = stranger(said, async (place, { command, answers, isOnTerminal }) => {
  for (const name of ["a", "b"]) writeFileSync(place.path("cwd", name), `${name}\n`);
  place.seal("state");
  using server = startHostileServer(answers, right);
  const env = { ...KEYS, AWS_ENDPOINT_URL_S3: server.origin };
  await visit(place, { args: COMMANDS[command], env, isOnTerminal });
});
