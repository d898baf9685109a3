/** Directories that somebody else may write to: a link of theirs leads nobody anywhere. */
import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { executable, run } from "../support/logship.ts";
import { isRoot } from "../support/needs.ts";
import { ORDINARY_UID } from "../support/ordinary-user.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { linesOf, Shipment } from "../support/shipped.ts";

const FOREIGN = `a symbolic link of another account (uid ${ORDINARY_UID})`;

/** A link that another account has made. */
function foreignLink(target: string, path: string): void {
  symlinkSync(target, path);
  lchownSync(path, ORDINARY_UID, ORDINARY_UID);
}

/** A file that nobody else may touch, or read. */
function precious(mode = 0o600): string {
  const path = join(temporaryDirectory("precious"), "file");
  writeFileSync(path, "precious\n");
  chmodSync(path, mode);
  return path;
}

function expectUntouched(path: string, mode = 0o600): void {
  expect(readFileSync(path, "utf8")).toBe("precious\n");
  expect(statSync(path).mode & 0o7777).toBe(mode);
}

describe.skipIf(!isRoot())("multilog of root in a directory of another account", () => {
  test.each(["logship multilog", "multilog"])(
    "appends to no file that current leads to: %s",
    async (name) => {
      const cwd = temporaryDirectory("multilog");
      const target = precious(0o755);
      mkdirSync(join(cwd, "d"));
      foreignLink(target, join(cwd, "d/current"));
      const link = join(cwd, "multilog");
      symlinkSync(executable, link);
      const [args, settings] =
        name === "multilog" ? [["./d"], { executable: link }] : [["multilog", "./d"], {}];
      const { stderr, exitCode } = await run(args, { cwd, stdin: "line\n", ...settings });
      expect(stderr).toMatch(/^(logship|multilog): fatal: /);
      expect(stderr).toEndWith(`unable to append to ./d/current: ${FOREIGN}\n`);
      expect(exitCode).toBe(111);
      expectUntouched(target, 0o755);
    },
  );

  test("makes no file that lock leads to", async () => {
    const cwd = temporaryDirectory("multilog");
    const target = join(temporaryDirectory("elsewhere"), "new");
    mkdirSync(join(cwd, "d"));
    foreignLink(target, join(cwd, "d/lock"));
    const { stderr, exitCode } = await run(["multilog", "./d"], { cwd, stdin: "line\n" });
    expect(stderr).toBe(`logship: fatal: unable to lock directory ./d: ${FOREIGN}\n`);
    expect(exitCode).toBe(111);
    expect(existsSync(target)).toBe(false);
  });

  test("writes no status where a link leads", async () => {
    const cwd = temporaryDirectory("multilog");
    const target = precious();
    foreignLink(target, join(cwd, "status"));
    const { stderr, exitCode } = await run(["multilog", "=./status"], { cwd, stdin: "line\n" });
    expect(stderr).toBe(`logship: fatal: unable to create ./status: ${FOREIGN}\n`);
    expect(exitCode).toBe(111);
    expectUntouched(target);
  });
});

test("multilog follows a link of its own account, as daemontools does, and a log directory may be one", async () => {
  const cwd = temporaryDirectory("multilog");
  mkdirSync(join(cwd, "real"));
  symlinkSync("real", join(cwd, "d"));
  writeFileSync(join(cwd, "elsewhere"), "before\n", { mode: 0o744 });
  chmodSync(join(cwd, "elsewhere"), 0o744);
  symlinkSync("../elsewhere", join(cwd, "real/current"));
  const { stderr, exitCode } = await run(["multilog", "./d"], { cwd, stdin: "line\n" });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  expect(readFileSync(join(cwd, "elsewhere"), "utf8")).toBe("before\nline\n");
});

describe("ship", () => {
  /** A shipment of a file of which one line is shipped. */
  async function begun() {
    const shipment = new Shipment();
    const log = shipment.path("access.log");
    writeFileSync(log, linesOf("first", 1));
    await shipment.once([log]);
    const state = readdirSync(shipment.state).find((name) => name.endsWith(".json"))!;
    writeFileSync(log, linesOf("second", 1), { flag: "a" });
    const text = linesOf("first", 1) + linesOf("second", 1);
    return { shipment, log, text, state: join(shipment.state, state) };
  }

  test("writes its state into no file that a link leads to", async () => {
    const { shipment, log, text, state } = await begun();
    const target = precious();
    symlinkSync(target, `${state}.tmp`);
    const { exitCode } = await shipment.once([log]);
    expect(exitCode).toBe(0);
    expect(shipment.text).toBe(text);
    expectUntouched(target);
  });

  test.skipIf(!isRoot())("empties no file that another account's lock leads to", async () => {
    const { shipment, log, state } = await begun();
    const [target, lock] = [precious(), state.replace(/json$/, "lock")];
    renameSync(lock, `${lock}.away`);
    foreignLink(target, lock);
    const { stderr, exitCode } = await shipment.once([log]);
    expect(stderr).toContain(`unable to open ${lock}: ${FOREIGN}\n`);
    expect(exitCode).toBe(111);
    expectUntouched(target);
  });

  test("empties no file that has a second name as its lock", async () => {
    const { shipment, log, state } = await begun();
    const [target, lock] = [precious(), state.replace(/json$/, "lock")];
    renameSync(lock, `${lock}.away`);
    linkSync(target, lock);
    const { stderr, exitCode } = await shipment.once([log]);
    expect(stderr).toContain(`unable to open ${lock}: it has another name as well\n`);
    expect(exitCode).toBe(111);
    expectUntouched(target);
  });

  /** A log directory of which all is shipped, and the name of its finished file. */
  async function shippedDirectory() {
    const shipment = new Shipment();
    const log = shipment.path("main");
    await run(["multilog", "s4096", log], { stdin: linesOf("line", 500) });
    await shipment.once([log]);
    rmSync(`${log}.held`, { recursive: true });
    const name = readdirSync(log).find((one) => one.startsWith("@"))!;
    return { shipment, log, name };
  }

  test("deletes nothing in a directory that DIR.held leads to", async () => {
    const { shipment, log, name } = await shippedDirectory();
    const other = temporaryDirectory("other");
    writeFileSync(join(other, name), "precious\n");
    symlinkSync(other, `${log}.held`);
    const { exitCode } = await shipment.once([log]);
    expect(exitCode).toBe(0);
    expect(readFileSync(join(other, name), "utf8")).toBe("precious\n");
  });

  test.skipIf(!isRoot())("deletes nothing in a DIR.held of another account", async () => {
    const { shipment, log, name } = await shippedDirectory();
    mkdirSync(`${log}.held`);
    writeFileSync(join(`${log}.held`, name), "precious\n");
    lchownSync(`${log}.held`, ORDINARY_UID, ORDINARY_UID);
    await shipment.once([log]);
    expect(readFileSync(join(`${log}.held`, name), "utf8")).toBe("precious\n");
  });

  test("says that it cannot hold a file where DIR.held is a link, and ships all the same", async () => {
    const shipment = new Shipment();
    const log = shipment.path("main");
    const text = linesOf("line", 500);
    await run(["multilog", "s4096", "n100", log], { stdin: text });
    symlinkSync(temporaryDirectory("other"), `${log}.held`);
    const { stderr, exitCode } = await shipment.once([log], "--piece-bytes", "1000");
    expect(stderr).toMatch(
      /^logship: warning: unable to hold \S+: a symbolic link; what is deleted of it while/m,
    );
    expect(exitCode).toBe(0);
    expect(shipment.text).toBe(text);
  });
});

describe.skipIf(!isRoot())("who reads a log for others", () => {
  /** A log directory whose `current` is a link to a file that only root may read. */
  function trap(): { log: string; target: string } {
    const log = join(temporaryDirectory("trap"), "main");
    mkdirSync(log);
    for (const name of ["lock", "state"]) writeFileSync(join(log, name), "");
    return { log, target: precious() };
  }

  test("ships nothing that current leads to", async () => {
    const { log, target } = trap();
    foreignLink(target, join(log, "current"));
    const shipment = new Shipment();
    const { stderr, exitCode } = await shipment.once([log]);
    expect(stderr).toContain(`unable to open ${log}/current: ${FOREIGN}\n`);
    expect(exitCode).toBe(111);
    expect(shipment.text).toBe("");
  });

  test("ships no file of a pattern that is such a link", async () => {
    const { log, target } = trap();
    foreignLink(target, join(log, "evil.log"));
    const shipment = new Shipment();
    const { stderr } = await shipment.once([join(log, "*.log")]);
    expect(stderr).toContain(`unable to open ${log}/evil.log: ${FOREIGN}\n`);
    expect(shipment.text).toBe("");
  });

  test("shows and uploads nothing that such a link leads to", async () => {
    const { log, target } = trap();
    foreignLink(target, join(log, "current"));
    const shown = await run(["tail", log]);
    expect(shown.stderr).toBe(`logship: fatal: unable to open ${log}/current: ${FOREIGN}\n`);
    const out = temporaryDirectory("out");
    const { stderr, exitCode } = await run(["upload", log, "--to", `file://${out}`]);
    expect(stderr).toContain(`${log}/current`);
    expect(stderr).toContain(FOREIGN);
    expect(exitCode).toBe(111);
    expect(shown.stdout + readdirSync(out, { recursive: true }).join(" ")).not.toContain("current");
  });

  test("follows links of root, and those that belong to whom the file belongs", async () => {
    const { log, target } = trap();
    symlinkSync(target, join(log, "a.log"));
    writeFileSync(join(log, "own"), "own\n");
    lchownSync(join(log, "own"), ORDINARY_UID, ORDINARY_UID);
    foreignLink("own", join(log, "b.log"));
    const shipment = new Shipment();
    const { stderr, exitCode } = await shipment.once([join(log, "*.log")]);
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
    expect(shipment.text).toBe("precious\nown\n");
  });
});
