/** The man pages that the build makes and the executable has inside. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describedCommands } from "../../src/build/described-commands.ts";
import { dist } from "../../src/build/project.ts";
import { sectionOn } from "../../src/build/prose.ts";
import { longName, variableOf } from "../../src/cli/options.ts";
import { documents } from "../support/documents.ts";
import { run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const directory = join(dist, "man");
const commands = await describedCommands();
const pages = ["logship.1", ...commands.map(({ name }) => `logship-${name}.1`)];

test("there is a page for logship and one for each command", () => {
  expect(readdirSync(directory).sort()).toEqual([...pages].sort());
});

test("the executable has the same pages inside", async () => {
  const unpacked = join(temporaryDirectory("pages"), "new");
  expect((await run(["setup", "--unpack-pages", unpacked])).exitCode).toBe(0);
  const installed = join(unpacked, "usr/local/share/man/man1");
  expect(readdirSync(installed).sort()).toEqual([...pages].sort());
  for (const name of pages)
    expect(readFileSync(join(installed, name), "utf8")).toBe(readFileSync(join(directory, name), "utf8"));
});

describe.skipIf(!needs("man", "mandoc"))("to man and mandoc", () => {
  const env = { PATH: process.env.PATH!, LC_ALL: "C.UTF-8", MANROFFSEQ: "", MANWIDTH: "80" };
  const shown = (name: string) => {
    const { stdout } = Bun.spawnSync(["mandoc", "-Tutf8", join(directory, name)], { env });
    return stdout.toString().replace(/.[\b]/g, "");
  };

  test.each(pages)("%s is without a fault", (name) => {
    const path = join(directory, name);
    const man = Bun.spawnSync(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", path], { env });
    expect(man.stderr.toString()).toBe("");
    expect(man.exitCode).toBe(0);
    const mandoc = Bun.spawnSync(["mandoc", "-Tlint", path], { env });
    expect(mandoc.stdout.toString() + mandoc.stderr.toString()).toBe("");
  });

  test.each(commands)("logship-$name(1) has what the help has", ({ name, summary, spec }) => {
    const text = shown(`logship-${name}.1`).replace(/\s+/g, " ");
    expect(text.toLowerCase()).toContain(summary.replace(/\.$/, "").toLowerCase());
    for (const example of spec.examples ?? []) expect(text).toContain(example.replace(/\s+/g, " "));
    for (const option of Object.values(spec.options)) {
      expect(text).toContain(`--${longName(option)}`);
      expect(text).toContain(`[${variableOf(option)}]`);
    }
    for (const [term] of spec.terms?.rows ?? []) expect(text).toContain(term);
  });

  test.each(commands)("logship-$name(1) has what docs/ says", ({ name }) => {
    const letters = (text: string) => text.replace(/[^\p{L}\p{N}]/gu, "");
    const page = letters(shown(`logship-${name}.1`));
    const said = sectionOn(name, documents.values())!.replace(/\[([^\]]+)\]\([^)]+\)/g, "$1");
    const prose = said.replace(/^```.*?^```$|^[|#].*?$/gms, "\n");
    for (const sentence of prose.split(/\n\n+|(?<=\.)\s+(?=[A-Z])/))
      expect(page).toContain(letters(sentence));
  });

  test("logship(1) leads to every other page", () => {
    const text = shown("logship.1");
    for (const { name } of commands) expect(text).toContain(`logship-${name}(1)`);
  });
});
