/** What a directory of services holds: statuses, names, FIFOs and settings of others. */

import { closeSync, constants, mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { foreignLink } from "./sandbox.ts";
import { type Said, stranger } from "./stranger.ts";
import { argumentName, bytes, fileName, text } from "./texts.ts";
import { visit } from "./visit.ts";

/** The 18 bytes of supervise, of which some are anything. */
const status = fc.oneof(
  fc.uint8Array({ minLength: 18, maxLength: 18 }),
  fc.uint8Array({ maxLength: 40 }),
  fc.constant(new Uint8Array(18).fill(255)),
);
const COMMANDS = [
  ...[
    "status",
    "status --json",
    "status --verbose",
    "status --verbose NAME",
    "status --watch",
    "svstat NAME NAME",
  ],
  ...["doctor --offline", "doctor --offline --json", "svok NAME", "tail", "tail NAME", "tail -f NAME"],
  ...["completion bash status NAME", "completion zsh restart --services DIR ''", "completion fish tail ''"],
  ...["stop NAME --timeout 300ms", "restart NAME --timeout 300ms", "logship svc -t NAME"],
] as const;

const service = fc.record({
  name: fc.oneof(argumentName, fileName),
  status: fc.option(status),
  isSupervised: fc.boolean(),
  ok: fc.constantFrom("fifo", "file", "nothing", "link"),
  control: fc.constantFrom("fifo", "file", "nothing", "link"),
  down: fc.boolean(),
  log: fc.option(fc.record({ run: text, lines: fc.array(bytes, { maxLength: 4 }) })),
  run: text,
  /** envdir's. */
  env: fc.array(
    fc.tuple(fc.oneof(fc.constantFrom("LOGSHIP_TO", "AWS_REGION", "AWS_SECRET_ACCESS_KEY"), fileName), text),
    { maxLength: 3 },
  ),
});

type Service = Said<typeof service>;

const said = fc.record({
  services: fc.array(service, { minLength: 1, maxLength: 3 }),
  command: fc.constantFrom(...COMMANDS),
  isOnTerminal: fc.boolean(),
});

export const services = stranger(said, async (place, { services, command, isOnTerminal }) => {
  const readers: number[] = [];
  for (const one of services) {
    const directory = Buffer.concat([
      Buffer.from(`${place.path("services")}/`),
      Buffer.from(one.name as string),
    ]);
    try {
      readers.push(...furnish(directory, one, place.path("precious", "file")));
    } catch {
      // No service can be called so, or there is one.
    }
  }
  place.seal("services");
  const [first] = services;
  const name = Buffer.from(first!.name as string).toString();
  const path = join(place.path("services"), name);
  const words = command
    .split(" ")
    .map((word) => (word === "''" ? "" : word.replace("NAME", path).replace("DIR", place.path("services"))));
  const stand = ["svstat", "svok", "svc"].includes(words[0]!) ? { name: words.shift()! } : {};
  if (words[0] === "logship") words.shift();
  const ends = /--watch|-f/.test(command) ? { termAfterMs: 1200 } : {};
  try {
    await visit(place, {
      args: words,
      isOnTerminal: isOnTerminal || command === "status --watch",
      ...stand,
      ...ends,
    });
  } finally {
    for (const fd of readers) closeSync(fd);
  }
});

/** @returns descriptors that keep its FIFOs open, as supervise does */
function furnish(directory: Buffer, service: Service, precious: string): number[] {
  const path = (name: string | Uint8Array) =>
    Buffer.concat([directory, Buffer.from("/"), Buffer.from(name as string)]);
  mkdirSync(path("supervise"), { recursive: true });
  mkdirSync(path("env"));
  if (service.status) writeFileSync(path("supervise/status"), service.status);
  writeFileSync(path("run"), service.run);
  if (service.down) writeFileSync(path("down"), "");
  const readers: number[] = [];
  for (const name of ["ok", "control"] as const) {
    const at = path(`supervise/${name}`);
    if (service[name] === "file") writeFileSync(at, "");
    if (service[name] === "link") foreignLink(precious, at);
    if (service[name] !== "fifo") continue;
    Bun.spawnSync(["sh", "-c", "mkfifo supervise/fifo && mv supervise/fifo supervise/$1", "sh", name], {
      cwd: directory.toString(),
    });
    if (service.isSupervised) readers.push(openSync(at, constants.O_RDONLY | constants.O_NONBLOCK));
  }
  for (const [name, value] of service.env) {
    try {
      writeFileSync(path(Buffer.concat([Buffer.from("env/"), Buffer.from(name as string)])), `${value}\n`);
    } catch {
      // It is there already.
    }
  }
  if (service.log) {
    mkdirSync(path("log/main"), { recursive: true });
    writeFileSync(path("log/run"), service.log.run);
    for (const [index, line] of service.log.lines.entries()) {
      writeFileSync(
        path("log/main/current"),
        Buffer.concat([
          Buffer.from(index % 2 ? "fatal: " : "@4000000058779bd2000001f4 "),
          line,
          Buffer.of(10),
        ]),
        { flag: "a" },
      );
    }
  }
  return readers;
}
