/** What strangers wrote into logs and names does nothing to a terminal, and is passed on as it is elsewhere. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable, run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { Terminal } from "../support/tmux.ts";

const LABEL = "@4000000058779bd2000001f4";
const BIDI = "\u202e";
/** Title, clipboard and screen of a terminal, the same by C1, a turn of the order, and a byte that is no UTF-8. */
const HOSTILE = Buffer.concat([
  Buffer.from(`one\x1b]0;title\x07two\x1b]52;c;aGk=\x07three\x1b[2J\u009b2Jfour${BIDI}five\rsix\ttab é`),
  Buffer.from([0x9b]),
]);
const SHOWN =
  "one\\x1b]0;title\\x07two\\x1b]52;c;aGk=\\x07three\\x1b[2J\\x9b2Jfour\\u202efive\\x0dsix\ttab é\\x9b";
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
const UNSEEN = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/;

function workplace(): string {
  const cwd = temporaryDirectory("hostile");
  writeFileSync(join(cwd, "log"), Buffer.concat([Buffer.from(`${LABEL} `), HOSTILE, Buffer.from("\n")]));
  return cwd;
}

/** What a command writes when its standard output and error are a terminal, as `script` records it. */
function onTerminal(cwd: string, command: string): string {
  const record = join(temporaryDirectory("script"), "record");
  Bun.spawnSync(["script", "-q", "-E", "never", "-c", command, record], {
    cwd,
    stdin: "ignore",
    stdout: "ignore",
    env: { PATH: process.env.PATH!, L: executable, TZ: "UTC", HOME: cwd, TERM: "dumb", LANG: "C.UTF-8" },
  });
  const text = readFileSync(record, "latin1");
  const written = text.replace(/^Script started on .*\n/, "").replace(/\nScript done on .*\n$/, "");
  return Buffer.from(written, "latin1").toString().replaceAll("\r\n", "\n");
}

const COMMANDS = {
  "tail log": `2017-01-12 15:07:52.000000500 ${SHOWN}\n`,
  "tail --tai log": `${LABEL} ${SHOWN}\n`,
  "tail -n 1 log": `2017-01-12 15:07:52.000000500 ${SHOWN}\n`,
  "tai64nlocal < log": `2017-01-12 15:07:52.000000500 ${SHOWN}\n`,
};

describe.skipIf(!needs("script"))("on a terminal", () => {
  test.each(Object.entries(COMMANDS))(
    "%s shows what strangers wrote, and does nothing of it",
    (command, shown) => {
      expect(onTerminal(workplace(), `"$L" ${command}`)).toBe(shown);
    },
  );

  test("so do the filters by their old names, and lines that multilog copies there", () => {
    const cwd = workplace();
    symlinkSync(executable, join(cwd, "tai64nlocal"));
    expect(onTerminal(cwd, "./tai64nlocal < log")).toBe(COMMANDS["tai64nlocal < log"]);
    expect(onTerminal(cwd, '"$L" multilog e < log')).toBe(`${LABEL} ${SHOWN}\n`);
    expect(onTerminal(cwd, '"$L" tai64n < log').slice(LABEL.length)).toBe(` ${LABEL} ${SHOWN}\n`);
  });

  test("so do receipts, reports and messages of names", () => {
    const cwd = workplace();
    const name = `a${BIDI}\u009b2J\x1b[2Jb`;
    writeFileSync(join(cwd, name), "a record\n");
    for (const command of ["upload a*", "upload --json a*", "upload missing* a*"])
      expect(onTerminal(cwd, `"$L" ${command} --to file://$PWD/out`)).not.toMatch(UNSEEN);
    expect(onTerminal(cwd, '"$L" verify file://$PWD/out')).not.toMatch(UNSEEN);
    expect(onTerminal(cwd, '"$L" verify --json file://$PWD/out')).not.toMatch(UNSEEN);
    mkdirSync(join(cwd, "service", name), { recursive: true });
    symlinkSync(executable, join(cwd, "svstat"));
    expect(onTerminal(cwd, "./svstat service/*")).not.toMatch(UNSEEN);
    for (const command of ["status", "status --verbose", "status --json", "doctor --json"])
      expect(onTerminal(cwd, `"$L" ${command} --services $PWD/service`)).not.toMatch(UNSEEN);
  });
});

test.skipIf(!needs("script"))("setup shows what it was given on a terminal, and does nothing of it", () => {
  const cwd = workplace();
  const shown = onTerminal(
    cwd,
    `"$L" setup --dry-run --env "$(printf 'a\\033]0;title\\007\\303\\251\\342\\200\\256b')"`,
  );
  expect(shown).toBe(
    "setup: fatal: unable to parse --env a\\x1b]0;title\\x07\\xc3\\xa9\\xe2\\x80\\xaeb: must be NAME=VALUE or NAME\n",
  );
});

describe("into a pipe", () => {
  test.each(["tail --tai log", "tai64n < log", "multilog e < log"])(
    "%s passes bytes on as they are",
    (command) => {
      const cwd = workplace();
      const { stdout, stderr } = Bun.spawnSync(["sh", "-c", `"$0" ${command}`, executable], { cwd });
      expect(Buffer.concat([stdout, stderr]).includes(HOSTILE)).toBe(true);
    },
  );

  test("JSON stays JSON of the name, with nothing unseen in it", async () => {
    const cwd = workplace();
    const name = `a${BIDI}\u009b2J\x7f\u2066b`;
    writeFileSync(join(cwd, name), "a record\n");
    const { stdout } = await run(["upload", "--json", name, "--to", `file://${cwd}/out`], { cwd });
    expect(stdout).not.toMatch(UNSEEN);
    expect(JSON.parse(stdout).local).toBe(name);
  });

  test("a receipt is one line that reads from left to right", async () => {
    const cwd = workplace();
    writeFileSync(join(cwd, `a${BIDI}b`), "a record\n");
    const { stdout } = await run(["upload", `a${BIDI}b`, "--to", `file://${cwd}/out`], { cwd });
    expect(stdout).toBe(`upload: a\\u202eb to file://${cwd}/out/a%E2%80%AEb\n`);
  });
});

test.skipIf(!needs("tmux"))(
  "tail -f on a terminal neither clears its screen nor sets its title",
  async () => {
    await using terminal = new Terminal({ columns: 120, rows: 24 });
    writeFileSync(join(terminal.home, "log"), "before\n");
    terminal.run("$logship tail -f log");
    await terminal.shows(/before$/m); // behind the prompt, where the command was typed before that was there
    writeFileSync(join(terminal.home, "log"), Buffer.concat([HOSTILE, Buffer.from("\nafter\n")]), {
      flag: "a",
    });
    const text = await terminal.shows(/^after$/m);
    expect(text).toContain("before\none\\x1b]0;title\\x07two");
    expect(text).toContain("four\\u202efive\\x0dsix");
  },
);
