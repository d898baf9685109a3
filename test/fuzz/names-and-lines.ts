/** Files that strangers have named, and the lines that they have written into them. */

import { mkdirSync, writeFileSync } from "node:fs";
import fc from "fast-check";
import { stranger } from "./stranger.ts";
import { argumentName, bytes, fileName, lines, repeated, text } from "./texts.ts";
import { visit } from "./visit.ts";

const COMMANDS = [
  ...[
    "upload NAME --attempts 1",
    "upload LOG --attempts 1",
    "upload LOG --json --gzip --attempts 1",
    "upload LOG --record-end script --attempts 1",
  ],
  ...["upload LOG --delete --attempts 1"],
  ...[
    "ship NAME --once --attempts 1 --max-age 100ms",
    "ship PATTERN --once --attempts 1 --json --max-age 100ms",
  ],
  ...["ship - --once --attempts 1 --max-age 100ms"],
  ...["tail NAME", "tail --since 1h NAME", "tail --tai -n 3 NAME NAME", "tail --grep a NAME"],
  ...["split -C 20 NAME", "split -l 1 NAME NAME.", "split --format script -C 50 -"],
  ...["verify file://LOG", "verify file://LOG --json", "verify file://OUT --source NAME"],
  ...["tai64n", "tai64nlocal", "logship tai64n", "logship tai64nlocal", "logship tail -"],
] as const;

const said = fc.record({
  name: argumentName,
  content: fc.oneof(
    { arbitrary: lines, weight: 6 },
    {
      arbitrary: fc.tuple(lines, fc.constantFrom(2000, 100_000)).map(([all, times]) => repeated(all, times)),
      weight: 1,
    },
    {
      arbitrary: fc
        .tuple(fc.constantFrom("{", "@4000000058779bd2000001f4", "["), text)
        .map(([head, rest]) => Buffer.from(`${head} ${rest}\n}\n`)),
      weight: 2,
    },
  ),
  others: fc.array(fc.tuple(fileName, bytes, fc.boolean()), { maxLength: 4 }),
  command: fc.constantFrom(...COMMANDS),
  isOnTerminal: fc.boolean(),
});

export const namesAndLines = stranger(
  said,
  async (place, { name, content, others, command, isOnTerminal }) => {
    const path = place.path("log", name);
    writeFileSync(path, content);
    for (const [other, lines, isDirectory] of others) {
      const at = Buffer.concat([Buffer.from(`${place.path("log")}/`), other]);
      try {
        if (isDirectory) mkdirSync(at);
        writeFileSync(isDirectory ? Buffer.concat([at, Buffer.from("/a")]) : at, lines);
      } catch {
        // It is there already.
      }
    }
    place.seal("out", "state", "cwd", ...(/--delete|^split/.test(command) ? (["log"] as const) : []));
    const words = command.split(" ").map((word) =>
      word
        .replace("NAME", () => path)
        .replace("LOG", place.path("log"))
        .replace("OUT", place.path("out"))
        .replace("PATTERN", `${place.path("log")}/*`),
    );
    const called = words[0]!.startsWith("tai64n") ? { name: words.shift()! } : {};
    if (words[0] === "logship") words.shift();
    const to = /^(?:upload|ship)$/.test(words[0] ?? "") ? ["--to", `file://${place.path("out")}`] : [];
    const isShip = words[0] === "ship" ? ["--piece-bytes", "64K", "--concurrency", "2"] : [];
    await visit(place, { args: [...words, ...to, ...isShip], stdin: content, isOnTerminal, ...called });
  },
);
