/** What settings hold that somebody else has written: the environment, the files of the AWS tools, words of a command line. */

import { mkdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { startHostileServer } from "./hostile-server.ts";
import { KEYS } from "./s3-words.ts";
import { stranger } from "./stranger.ts";
import { argument, bytes, number, text } from "./texts.ts";
import { visit } from "./visit.ts";

const NAMES = [
  ...[
    "AWS_REGION",
    "AWS_PROFILE",
    "AWS_ENDPOINT_URL",
    "AWS_CA_BUNDLE",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_ROLE_ARN",
  ],
  ...[
    "AWS_CONFIG_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_MAX_ATTEMPTS",
  ],
  ...[
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "TZ",
    "TERM",
    "COLUMNS",

    "XDG_STATE_HOME",
    "HOME",
  ],
  ...[
    "LOGSHIP_TO",
    "LOGSHIP_TAG",
    "LOGSHIP_HOST",
    "LOGSHIP_KEY",
    "LOGSHIP_SSE",
    "LOGSHIP_STORAGE_CLASS",
    "LOGSHIP_METRICS",
  ],
  ...[
    "LOGSHIP_SERVICES",
    "LOGSHIP_STATE",
    "LOGSHIP_INTERVAL",
    "LOGSHIP_TIMEZONE",
    "LOGSHIP_START",
    "LOGSHIP_PIECE_BYTES",
  ],
  ...[
    "LOGSHIP_SHARD",
    "LOGSHIP_FORMAT",
    "LOGSHIP_TRALALA",
    "SLURM_ARRAY_TASK_ID",
    "AWS_BATCH_JOB_ARRAY_INDEX",
  ],
] as const;
const value = fc.oneof(
  { arbitrary: argument, weight: 4 },
  { arbitrary: number, weight: 1 },
  { arbitrary: fc.constantFrom(`s3://${"b".repeat(64)}`, "s3://-/..", "file:///nowhere/.."), weight: 1 },
);
/** With a password, which nobody writes elsewhere. */
const proxy = fc.tuple(
  fc.constantFrom(
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "http_proxy",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
  ),
  fc.constantFrom(
    "http://user:hushhush@127.0.0.1:1",
    "user:hushhush@host",
    "http://u:hushhush@[::1",
    "x://u:hushhush@h/",
  ),
);
const key = fc.constantFrom(
  ...[
    "region",
    "role_arn",
    "source_profile",
    "credential_process",
    "endpoint_url",
    "sso_session",
    "sso_start_url",
    "s3",
  ],
  ...[
    "aws_access_key_id",
    "web_identity_token_file",
    "ca_bundle",
    "ec2_metadata_service_endpoint",
    "services",
  ],
);
const section = fc.constantFrom(
  "[default]",
  "[profile default]",
  "[profile x]",
  "[sso-session x]",
  "[services x]",
  "[",
  "",
);
/** `credential_process` is run, as the AWS tools do: that is no stranger's. */
const line = fc
  .tuple(key, text)
  .map(([name, one]) => `${name} = ${name === "credential_process" ? "false" : one}`);
const awsFile = fc.oneof(
  fc
    .array(fc.oneof(line, section, text), { maxLength: 6 })
    .map((all) =>
      Buffer.from(
        `${all.join("\n").replaceAll("credential_process =", "x =")}\naws_secret_access_key = hushhush\n`,
      ),
    ),
  bytes,
);
/** Without `setup`, which takes a lock of the host that other tests need as well. */
const COMMANDS = [
  ...[
    "upload a --attempts 1 --to TO",
    "run --once --records 10 --attempts 1 --to TO",
    "ship a --once --attempts 1 --max-age 100ms --to TO",
  ],
  ...[
    "doctor",
    "doctor --to TO",
    "doctor --json --to TO",
    "doctor --json",
    "verify TO",
    "status",
    "generate --records 3",
    "tail a",
  ],
  ...[
    "split -l 3 a",
    "WORD",
    "run WORD",
    "ship WORD --once",
    "verify WORD",
    "tail WORD",
    "status WORD",
    "upload WORD --to TO",
  ],
  ...[
    "completion bash WORD",
    "completion WORD",
    "help WORD",
    "generate --start WORD --records 2",
    "upload a --to WORD",
    "ship a --once --key WORD",
  ],
  ...[
    "tail --zone WORD a",
    "tail --grep WORD a",
    "verify TO --source WORD",
    "multilog WORD",
    "svc WORD",
    "stop WORD",
  ],
] as const;

const said = fc.record({
  variables: fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 4 }),
  proxies: fc.array(proxy, { maxLength: 1 }),
  config: awsFile,
  credentials: awsFile,
  hasKeys: fc.boolean(),
  word: value.map((one) => one.replaceAll("/", "")),
  command: fc.constantFrom(...COMMANDS),
  isOnTerminal: fc.boolean(),
});

export const settings = stranger(
  said,
  async (place, { variables, proxies, config, credentials, hasKeys, word, command, isOnTerminal }) => {
    mkdirSync(place.path("home", ".aws"));
    writeFileSync(place.path("home", ".aws/config"), config);
    writeFileSync(place.path("home", ".aws/credentials"), credentials);
    writeFileSync(place.path("cwd", "a"), "a line\n");
    place.seal("cwd", "out", "state", "home");
    using server = startHostileServer([], () => ({ headers: { etag: '"x"' } }));
    const env = {
      AWS_ENDPOINT_URL_S3: server.origin,
      LOGSHIP_TIMEOUT: "500ms",
      LOGSHIP_CONNECT_TIMEOUT: "500ms",
      LOGSHIP_GRACE: "500ms",
      ...(hasKeys ? KEYS : {}),
      ...Object.fromEntries(
        variables.map(([name, one]) => [name, one.replaceAll("/", one.includes("://") ? "/" : "")]),
      ),
      ...Object.fromEntries(proxies),
    };
    const words = command
      .split(" ")
      .map((one) => (one === "WORD" ? word : one.replace("TO", "s3://bucket/p")));
    await visit(place, {
      args: words,
      env,
      isOnTerminal,
      stdin: Buffer.from("a\n"),
      termAfterMs: 4000,
      waits: /./,
    });
  },
);
