/** What lies in a log directory that others may write to, and what comes into it. */

import { chmodSync, linkSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { foreignLink } from "./sandbox.ts";
import { stranger } from "./stranger.ts";
import { argument, bytes, fileName, lines, repeated } from "./texts.ts";
import { visit } from "./visit.ts";

const LABEL = fc.constantFrom(
  ...[
    "@4000000058779bd2000001f4",
    "@400000007fffffff3b9ac9ff",
    "@ffffffffffffffffffffffff",
    "@000000000000000000000000",
  ],
  ...["@4000000058779bd2000001f", "@2019-backup-of-customers", "@4000000058779bd2ZZZZZZZZ"],
);
const known = fc.constantFrom(
  "current",
  "previous",
  "processed",
  "newstate",
  "state",
  "lock",
  "unwritten",
  "status",
);
const finished = fc.tuple(LABEL, fc.constantFrom(".s", ".u", "", ".t", ".gz")).map((parts) => parts.join(""));
const name = fc.oneof(
  { arbitrary: known, weight: 4 },
  { arbitrary: finished, weight: 4 },
  { arbitrary: fileName, weight: 2 },
);
const kind = fc.oneof(
  { arbitrary: fc.constant("file"), weight: 6 },
  {
    arbitrary: fc.constantFrom("fifo", "link", "second name", "directory", "holes", "executable", "denied"),
    weight: 1,
  },
);
const stamped = fc
  .tuple(LABEL, bytes)
  .map(([label, line]) => Buffer.concat([Buffer.from(`${label} `), line, Buffer.of(10)]));
const content = fc.oneof(
  lines,
  bytes,
  fc.array(stamped, { maxLength: 5 }).map((all) => Buffer.concat(all)),
);

const action = fc.oneof(
  {
    arbitrary: fc.constantFrom("s4096", "n2", "n3", "+*", "-*x*", "e", "=../log/status", "!cat", "!false"),
    weight: 6,
  },
  { arbitrary: argument.map((one) => `-${one}`), weight: 1 },
);
/** A processor that fails is tried again, and what cannot be written is waited for, also beyond TERM. */
const PAUSING = /^(?:logship|multilog): warning: .*/m;
const FOLLOWING = ["tail -f DIR", "tail -f --since 1h DIR"];
const READING = [
  ...[
    "tail DIR",
    "tail --tai DIR",
    "tail -n 1000 DIR",
    "tail --since 2017-01-12 DIR",
    "tail --utc --grep a DIR",
  ],
  ...[
    "ship DIR --once --attempts 1 --max-age 100ms",
    "upload DIR",
    "verify OUT --source DIR",
    "status",
    "doctor --offline --json",
  ],
];

const said = fc.record({
  entries: fc.array(fc.record({ name, kind, content }), { maxLength: 6 }),
  command: fc.oneof(
    fc.record({ reads: fc.constantFrom(...READING, ...FOLLOWING) }),
    fc.record({
      writes: fc.constantFrom("logship", "multilog"),
      isStamped: fc.boolean(),
      actions: fc.array(action, { maxLength: 4 }),
      input: fc.tuple(lines, fc.constantFrom(1, 500)).map(([all, times]) => repeated(all, times)),
    }),
  ),
  isOnTerminal: fc.boolean(),
});

export const logDirectories = stranger(said, async (place, { entries, command, isOnTerminal }) => {
  const service = place.path("services", "web");
  const directory = place.path("log", "main");
  mkdirSync(directory);
  mkdirSync(join(service, "log"), { recursive: true });
  symlinkSync(directory, join(service, "log/main"));
  for (const { name, kind, content } of entries) {
    const path = Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(name as string)]);
    try {
      put(path, kind, content, place.path("precious", "current"));
    } catch {
      // It is there already.
    }
  }
  place.seal("log", "out", "state");
  if ("reads" in command) {
    const out = `file://${place.path("out")}`;
    const words = command.reads.split(" ").map((word) => word.replace("DIR", directory).replace("OUT", out));
    const to = words[0] === "ship" || words[0] === "upload" ? ["--to", out] : [];
    const termAfterMs = FOLLOWING.includes(command.reads) ? { termAfterMs: 400 } : {};
    await visit(place, { args: [...words, ...to], isOnTerminal, ...termAfterMs });
  } else {
    const { writes, isStamped, actions, input } = command;
    const script = [...(isStamped ? ["t"] : []), ...actions, directory];
    const called =
      writes === "multilog"
        ? { name: writes, args: script }
        : { args: [writes.slice(7), "multilog", ...script].filter(Boolean) };
    await visit(place, { ...called, stdin: input, isOnTerminal, termAfterMs: 1500, waits: PAUSING });
  }
});

function put(path: Buffer, kind: string, content: Uint8Array, precious: string): void {
  if (kind === "fifo") Bun.spawnSync(["mkfifo", path.toString()]);
  else if (kind === "link") foreignLink(precious, path);
  else if (kind === "second name" && !path.includes("/current"))
    linkSync(precious, path); // is appended to, as daemontools does
  else if (kind === "directory") mkdirSync(path);
  else writeFileSync(path, content, { flag: "wx" }); // to a FIFO that is there already it would wait
  if (kind === "holes") truncateSync(path, 50_000_000);
  if (kind === "executable") chmodSync(path, 0o744);
  if (kind === "denied") chmodSync(path, 0);
}
