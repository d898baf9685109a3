/** Random lines, labels good and bad, through daemontools' tai64nlocal and ours, in several zones. */
import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { needs } from "../support/needs.ts";
import { seededRandom } from "../support/random.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { standIns } from "../support/stand-ins.ts";

const LINES = 100_000;
const ZONES = [
  "UTC",
  "America/New_York",
  "Europe/Lisbon",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "EST5EDT",
  "XXX-5:30",
];
const ours = join(standIns("tai64nlocal"), "tai64nlocal");
const isInstalled = needs("tai64nlocal");
const original = Bun.which("tai64nlocal") ?? "";

/** Seconds from the year 1700 to 2400, and now and then from any year that the original survives. */
function randomSeconds(random: () => number): bigint {
  if (random() < 0.02) return BigInt(Math.floor((random() - 0.5) * 1e13));
  return BigInt(Math.floor(-8.5e9 + random() * 2.2e10));
}

function randomLabel(random: () => number): string {
  const seconds = (randomSeconds(random) + 2n ** 62n + 10n).toString(16).padStart(16, "0");
  const nanoseconds = Math.floor(random() * (random() < 0.1 ? 2 ** 32 : 1e9));
  const extra = random() < 0.02 ? "0".repeat(Math.floor(random() * 20)) : "";
  return `@${extra}${seconds}${nanoseconds.toString(16).padStart(8, "0")}`;
}

function randomLine(random: () => number): Buffer {
  const rest = Buffer.alloc(Math.floor(random() * (random() < 0.01 ? 20_000 : 60)));
  for (let at = 0; at < rest.length; at++) rest[at] = 11 + Math.floor(random() * 245);
  // An @ at the start would be a bad label, on which the original dies; behind a label a digit would belong to it.
  const separator = random() < 0.7 ? " " : random() < 0.5 ? "@" : "x";
  const start = random() < 0.8 ? randomLabel(random) + separator : random() < 0.5 ? "" : " @4000000";
  if (start === "" && rest[0] === 0x40) rest[0] = 0x41;
  return Buffer.concat([Buffer.from(start), rest, Buffer.from("\n")]);
}

test.skipIf(!isInstalled)(
  `tai64nlocal shows ${LINES} random lines as daemontools' does, from a file and from a pipe`,
  async () => {
    const random = seededRandom("tai64nlocal-random");
    const path = join(temporaryDirectory(), "lines");
    const perZone = Math.ceil(LINES / ZONES.length);
    for (const zone of ZONES) {
      const input = Buffer.concat(Array.from({ length: perZone }, () => randomLine(random)));
      writeFileSync(path, input);
      const [our, piped, their] = await Promise.all([
        outputOf([ours], zone, path),
        outputOf(["sh", "-c", `cat | "$0"`, ours], zone, path),
        outputOf([original], zone, path),
      ]);
      expect([zone, firstDifference(our, their)]).toEqual([zone, ""]);
      expect([zone, firstDifference(piped, their)]).toEqual([zone, ""]);
    }
  },
  300_000,
);

async function outputOf(command: string[], zone: string, path: string): Promise<Buffer> {
  const child = Bun.spawn(command, {
    env: { PATH: process.env.PATH, TZ: zone },
    stdin: Bun.file(path),
    stdout: "pipe",
  });
  const output = Buffer.from(await new Response(child.stdout).arrayBuffer());
  expect(await child.exited).toBe(0);
  return output;
}

function firstDifference(ours: Buffer, theirs: Buffer): string {
  if (ours.equals(theirs)) return "";
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  const from = theirs.lastIndexOf(10, at - 1) + 1;
  return `ours ${JSON.stringify(ours.toString("latin1", from, at + 60))}, daemontools' ${JSON.stringify(theirs.toString("latin1", from, at + 60))}`;
}
