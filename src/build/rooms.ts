/** The rooms of src/: what each is for and what it may import. test/rooms.test.ts holds the imports to it. */
import { readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import { table } from "./markdown.ts";
import { root } from "./project.ts";

interface Room {
  readonly purpose: string;
  /** Other rooms that it may import, besides those that these may. */
  readonly imports: readonly string[];
}

const EVERYWHERE = ["time", "system"] as const;

/** In the order of the table: from the command line over the domains to what every room may use. */
export const ROOMS: Readonly<Record<string, Room>> = {
  commands: {
    purpose: "one file a command: options -> one call into the core -> output",
    imports: ["cli", "setup", "completion"],
  },
  cli: {
    purpose: "what commands share: their options, help, completion's words, progress, receipts",
    imports: ["doctor", "verify", "batches", "local-files", "completion", "multilog"],
  },
  "access-log": {
    purpose: "the simulated traffic: visitors, requests, formats, seeded random, generator",
    imports: EVERYWHERE,
  },
  pieces: { purpose: "splitter, and pieces as local files", imports: ["contract", "lines", ...EVERYWHERE] },
  destination: {
    purpose: "S3, directory, bucket, credentials, retry",
    imports: EVERYWHERE,
  },
  pipeline: {
    purpose:
      "how pieces are uploaded, by run, ship and upload alike: the uploader with its backpressure, outages, metrics",
    imports: ["pieces", "destination"],
  },
  batches: {
    purpose: "run's batches: names, intervals, generator -> splitter -> uploader",
    imports: ["pipeline"],
  },
  "local-files": {
    purpose: "upload's files and directories, read within bounded memory",
    imports: ["pipeline"],
  },
  contract: {
    purpose: "what is stored: keys, names, metadata and marks, each with how it is written and read",
    imports: EVERYWHERE,
  },
  verify: {
    purpose: "what is stored against what should be: batches, shipped sources, local files",
    imports: ["access-log", "lines", "pipeline"],
  },
  follow: {
    purpose: "which file of a log comes next, and its bytes with their place: for tail and ship alike",
    imports: EVERYWHERE,
  },
  ship: {
    purpose: "logs to the destination exactly once: positions, intentions, acknowledgements",
    imports: ["follow", "lines", "pipeline"],
  },
  multilog: {
    purpose:
      "the log writer: script, patterns, split points, rotation, processor, recovery, pauses; its input in input/",
    imports: ["tai64n"],
  },
  tai64n: { purpose: "TAI64N labels, the clock, local time", imports: ["lines", ...EVERYWHERE] },
  lines: {
    purpose:
      "the vector core, which finds, counts, stamps and selects lines in WebAssembly; its source in core/ is AssemblyScript",
    imports: [],
  },
  diary: {
    purpose: "log directories as they are read: back from the end, forward, followed, merged",
    imports: ["follow", "tai64n"],
  },
  supervise: { purpose: "status and control of services", imports: ["diary", "ship"] },
  doctor: {
    purpose: "one file a check of this host, its settings and its destination",
    imports: ["supervise"],
  },
  time: { purpose: "calendar, time zones, moments, times of access logs", imports: ["system"] },
  system: { purpose: "errors, errno texts, messages, signals, the few file calls", imports: [] },
  setup: { purpose: "install/ and daemontools out of the executable", imports: ["system"] },
  completion: { purpose: "what bash, zsh and fish read to complete commands and options", imports: [] },
  build: {
    purpose:
      "makes dist/logship, once ready.sh has seen to what that takes; with daemontools, sums, bill of materials and licences; the tables of docs/",
    imports: ["commands"],
  },
};

/** All that a room may import from, itself included. */
export function importable(room: string): ReadonlySet<string> {
  const found = new Set([room]);
  for (const name of found) for (const other of ROOMS[name]?.imports ?? []) found.add(other);
  return found;
}

/** What a file of src/ imports from the project, relative to src/. */
export function importsOf(file: string): string[] {
  const text = readFileSync(join(root, "src", file), "utf8");
  return [...text.matchAll(/(?:\bfrom|\bimport\()\s*"(\.[^"]+)"/g)].map((match) =>
    normalize(join(file, "..", match[1]!)),
  );
}

/** The rooms that files of a room import from, without itself. */
export async function importedRooms(room: string): Promise<Set<string>> {
  const found = new Set<string>();
  for await (const file of new Bun.Glob(`${room}/**/*.ts`).scan(join(root, "src")))
    for (const imported of importsOf(file)) if (imported.includes("/")) found.add(imported.split("/")[0]!);
  found.delete(room);
  found.delete("..");
  return found;
}

/** The table of rooms in src/README.md. */
export function roomsBlock(): string {
  return table(
    ["room", "what it is about"],
    Object.entries(ROOMS).map(([name, { purpose }]) => [`\`${name}/\``, purpose]),
  );
}

/**
 * The picture in src/README.md: an arrow for each import between rooms that no chain of others implies, as a flow chart of Mermaid.
 * `time` and `system`, which every room may use, are left out.
 */
export async function pictureBlock(): Promise<string> {
  const names = Object.keys(ROOMS).filter((name) => !EVERYWHERE.some((one) => one === name));
  const imports = new Map<string, string[]>();
  for (const name of names) {
    const imported = await importedRooms(name);
    imports.set(
      name,
      names.filter((other) => imported.has(other)),
    );
  }
  const reaches = (from: string, to: string): boolean =>
    imports.get(from)!.some((next) => next === to || reaches(next, to));
  const arrows = names.flatMap((from) => {
    const others = imports.get(from)!;
    const direct = others.filter((to) => !others.some((over) => over !== to && reaches(over, to)));
    return direct.map((to) => `  ${idOf(from)} --> ${idOf(to)}`);
  });
  const boxes = names.map((name) => `  ${idOf(name)}["${name}/: ${shortened(ROOMS[name]!.purpose)}"]`);
  return ["```mermaid", "flowchart TD", ...boxes, ...arrows, "```"].join("\n");
}

function idOf(name: string): string {
  return name.replaceAll("-", "");
}

/** A box holds what stands before the first colon or semicolon. */
function shortened(purpose: string): string {
  return purpose.split(/[:;]/)[0]!;
}
