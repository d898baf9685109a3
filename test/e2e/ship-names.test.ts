/** Whatever a rotation calls its files: each line of each log is stored once, and nothing is said. */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { NAMING_SCHEMES } from "../support/naming-schemes.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

type Rotation = (log: string, rotated: string) => void;

const rename: Rotation = (log, rotated) => {
  renameSync(log, rotated);
  writeFileSync(log, "");
};
const copytruncate: Rotation = (log, rotated) => {
  copyFileSync(log, rotated);
  truncateSync(log);
};

/** Logs, each in a directory of its own, where it is rotated in its own way. */
class Rotated {
  readonly shipment = new Shipment();
  readonly paths: string[];
  readonly #real: string[];
  readonly #schemes = Object.entries(NAMING_SCHEMES);

  /** @param isLink Whether the logs lie behind links: to their directories, and to the files. */
  constructor(isLink: boolean) {
    this.#real = this.#schemes.map((_, index) => {
      const directory = this.shipment.path(`${isLink ? "real" : "logs"}/${index}`);
      mkdirSync(directory, { recursive: true });
      return join(directory, "app.log");
    });
    for (const path of this.#real) writeFileSync(path, linesOf("first", 40));
    if (!isLink) {
      this.paths = this.#real;
      return;
    }
    mkdirSync(this.shipment.path("logs"));
    this.paths = this.#real.map((path, index) => {
      const link = this.shipment.path(`logs/${index}`);
      if (index % 2 === 0) {
        symlinkSync(join(path, ".."), link);
        return join(link, "app.log");
      }
      symlinkSync(path, `${link}.log`);
      return `${link}.log`;
    });
  }

  /** Rotates all twice, and writes before, between and after. */
  rotate(how: Rotation): void {
    this.#schemes.forEach(([, names], index) => {
      const log = this.#real[index]!;
      appendFileSync(log, "rest\n");
      how(log, join(log, "..", names[0]));
      appendFileSync(log, "between\n");
      how(log, join(log, "..", names[1]));
      appendFileSync(log, "new\n");
    });
  }

  /** Schemes of which something else was stored than what was written, and that. */
  get wrong(): Record<string, string> {
    const wrong: Record<string, string> = {};
    const stored = new Map<string, string>();
    for (const key of this.shipment.keys) {
      const source = /source=([^/]*)/.exec(key)![1]!;
      const text = readFileSync(join(this.shipment.bucket, key), "utf8");
      stored.set(source, (stored.get(source) ?? "") + text);
    }
    this.#schemes.forEach(([scheme], index) => {
      const text = [...stored].filter(([source]) => new RegExp(`_${index}(_app)?\\.log$`).test(source));
      const all = text.map(([, content]) => content).join("");
      if (all !== `${linesOf("first", 40)}rest\nbetween\nnew\n`)
        wrong[scheme] = all.replace(/first \d+\n/g, ".");
    });
    return wrong;
  }
}

test("docs/ship.md lists these schemes", () => {
  const text = readFileSync(join(import.meta.dir, "../../docs/ship.md"), "utf8");
  for (const [scheme, names] of Object.entries(NAMING_SCHEMES))
    expect(text).toContain(`| ${scheme} | \`${names[0]}\` | \`${names[1]}\` |\n`);
});

describe.each([
  ["rename", rename],
  ["copytruncate", copytruncate],
] as const)("logs that are rotated by %s, in each of the naming schemes,", (_, how) => {
  describe.each([
    ["", false],
    [" behind a link", true],
  ])("%s", (_name, isLink) => {
    test("are shipped once and whole while ship does not run", async () => {
      const rotated = new Rotated(isLink);
      expect((await rotated.shipment.once(rotated.paths)).stderr).toBe("");
      rotated.rotate(how);
      const { stderr, exitCode } = await rotated.shipment.once(rotated.paths, "--quiet");
      expect(rotated.wrong).toEqual({});
      expect([stderr, exitCode]).toEqual(["", 0]);
    });

    test("are shipped once and whole while it runs", async () => {
      const rotated = new Rotated(isLink);
      const logship = rotated.shipment.start(rotated.paths);
      const first = linesOf("first", 40).length;
      const count = Object.keys(NAMING_SCHEMES).length;
      await until("all first lines", () => rotated.shipment.text.length === count * first, 60_000);
      rotated.rotate(how);
      await until("the rest", () => Object.keys(rotated.wrong).length === 0, 20_000).catch(() => {});
      logship.kill("SIGTERM");
      const { stderr, exitCode } = await logship.result;
      expect(rotated.wrong).toEqual({});
      expect([stderr, exitCode]).toEqual(["", 0]);
    });
  });
});
