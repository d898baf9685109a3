/** What a directory of states of ship holds where somebody else has written to it. */

import { linkSync, mkdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { escapeName } from "../../src/contract/shipped-key.ts";
import { sourceNameOf } from "../../src/ship/source-files.ts";
import { formatState, type SourceState } from "../../src/ship/state.ts";
import { foreignLink } from "./sandbox.ts";
import { stranger } from "./stranger.ts";
import { bytes, fileName, spoilt } from "./texts.ts";
import { visit } from "./visit.ts";

const GENERATION = "20170112T143656123-0a1b2c3d";
const LINES = "first line\nsecond line\n";
/** As of a log of which one line is stored; its path and inode are put in where the case is made. */
const digest = { bytes: 0, sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" };
const whole = (kind: SourceState["kind"]): SourceState => ({
  source: "LOG",
  kind,
  latest: { generation: GENERATION, end: 11 },
  lostBytes: 0,
  lastBegunMs: 1_484_231_816_123,
  acknowledgedMs: 1_484_231_816_123,
  modifiedMs: 1_484_231_816_123,
  done: ["@4000000058779bd2000001f4.s"],
  older: [{ device: 1, inode: 2, head: digest, tail: digest, size: 3, modifiedMs: 4, isOlder: true }],
  asked: "LOG",
  allLostBytes: 0,
  generations: [
    {
      id: GENERATION,
      start: 0,
      previous: { generation: GENERATION, end: 3 },
      lostBytes: 0,
      path: "FILE",
      place: { device: 0, inode: 0, offset: 11, head: digest, tail: digest },
      sizeBytes: 23,
      modifiedMs: 1,
      end: digest,
      isGzip: false,
      packing: "gzip",
      isEnded: false,
      intentions: [
        {
          first: 0,
          last: 11,
          key: "k",
          isGzip: false,
          records: 1,
          crc32: "0000beef",
          begunAtMs: 1_484_231_816_123,
        },
      ],
    },
  ],
});

const COMMANDS = [
  "ship",
  "status",
  "status --json",
  "status --verbose",
  "doctor",
  "doctor --json",
  "verify",
] as const;
const special = fc.constantFrom(
  "nothing",
  "fifo",
  "link to precious",
  "second name of precious",
  "directory",
  "link to itself",
);

const said = fc.record({
  isDirectory: fc.boolean(),
  state: fc.oneof(
    {
      arbitrary: fc
        .constantFrom<SourceState["kind"]>("file", "directory")
        .chain((kind) => spoilt(fc.constant(whole(kind)))),
      weight: 4,
    },
    { arbitrary: bytes, weight: 1 },
  ),
  isChecksumRight: fc.oneof(
    { arbitrary: fc.constant(true), weight: 5 },
    { arbitrary: fc.constant(false), weight: 1 },
  ),
  /** What stands beside it, and under the names that ship itself uses. */
  temporary: special,
  lock: special,
  held: special,
  others: fc.array(fc.tuple(fileName, bytes), { maxLength: 3 }),
  command: fc.constantFrom(...COMMANDS),
  isOnTerminal: fc.boolean(),
});

export const shipStates = stranger(said, async (place, all) => {
  const { isDirectory, state, isChecksumRight, temporary, lock, held, others, command, isOnTerminal } = all;
  const log = place.path("log", "a");
  const file = isDirectory ? join(log, "current") : log;
  if (isDirectory) mkdirSync(log);
  writeFileSync(file, LINES);
  const { dev, ino } = statSync(file);
  const text = Buffer.isBuffer(state)
    ? state
    : textOf(state)
        .replaceAll('"LOG"', JSON.stringify(log))
        .replaceAll('"FILE"', JSON.stringify(file))
        .replaceAll('"device":0,"inode":0', `"device":${dev},"inode":${ino}`);
  const path = place.path("state", `${escapeName(sourceNameOf(log))}.json`);
  const precious = place.path("precious", "file");
  const wrong = Buffer.isBuffer(text) || isChecksumRight ? text : text.replace("0", "1");
  writeFileSync(path, Buffer.isBuffer(wrong) ? wrong : formatted(wrong));
  for (const [at, what] of [
    [`${path}.tmp`, temporary],
    [path.replace(/json$/, "lock"), lock],
    [`${log}.held`, held],
  ] as const)
    put(at, what, precious);
  for (const [name, content] of others) {
    try {
      writeFileSync(Buffer.concat([Buffer.from(`${place.path("state")}/`), name]), content);
    } catch {
      // What is there stays.
    }
  }
  place.seal("state", "log", "out");
  const to = ["--to", `file://${place.path("out")}`];
  const ship = ["ship", log, "--once", "--attempts", "2", "--grace", "1s", "--max-age", "100ms", ...to];
  const args =
    { ship, verify: ["verify", ...to.slice(1), "--source", log] }[command as string] ?? command.split(" ");
  // Where its state cannot be written, ship waits and says so.
  const waiting = command === "ship" ? { termAfterMs: 3000, waits: /is shipped until it can be/ } : {};
  await visit(place, { args: args[0] === "doctor" ? [...args, ...to] : args, isOnTerminal, ...waiting });
});

/** JSON of what stood for the state. */
function textOf(state: unknown): string {
  return JSON.stringify(state) ?? "null";
}

/** With a checksum that is right, whatever it is. */
function formatted(text: string): string {
  return formatState(JSON.parse(text) as SourceState);
}

function put(path: string, what: string, precious: string): void {
  if (what === "fifo") Bun.spawnSync(["mkfifo", path]);
  if (what === "link to precious") foreignLink(precious, path);
  if (what === "second name of precious") linkSync(precious, path);
  if (what === "directory") mkdirSync(path);
  if (what === "link to itself") symlinkSync(path, path);
}
