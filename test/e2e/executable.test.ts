import { expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json";
import { readRequirements } from "../../src/build/elf.ts";
import { obstacles } from "../../src/build/portability.ts";
import { executable, run } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const root = join(import.meta.dir, "../..");

test("the executable starts on any Linux with glibc 2.17 and nothing else", () => {
  const requirements = readRequirements(executable);
  expect(requirements.machine).toBe("x86-64");
  expect(requirements.interpreter).toBe("/lib64/ld-linux-x86-64.so.2");
  expect(requirements.libraries).toContain("libc.so.6");
  expect(requirements.versions).toContain("GLIBC_2.2.5");
  expect(obstacles(requirements)).toEqual([]);
});

test("a program that needs a newer libc or another library does not pass as portable", () => {
  const requirements = {
    machine: "x86-64",
    interpreter: "",
    libraries: ["libc.so.6"],
    versions: ["GLIBC_2.17"],
  };
  expect(obstacles(requirements)).toEqual([]);
  expect(obstacles({ ...requirements, versions: ["GLIBC_2.17", "GLIBC_2.18"] })).toEqual([
    "needs a symbol of version GLIBC_2.18",
  ]);
  expect(obstacles({ ...requirements, versions: ["GLIBC_2.2.5", "GLIBC_3.0", "GCC_3.0"] })).toHaveLength(2);
  expect(obstacles({ ...requirements, libraries: ["libc.so.6", "libstdc++.so.6"] })).toEqual([
    "needs the library libstdc++.so.6",
  ]);
});

test("the requirements of a program that was linked against this system's libraries are all seen", async () => {
  const python = Bun.which("node")!;
  const { libraries, versions } = readRequirements(python);
  const listed = Bun.spawnSync(["ldd", python]).stdout.toString();
  expect(libraries.length).toBeGreaterThan(0);
  for (const library of libraries) expect(listed).toContain(library);
  expect(versions.every((version) => /^[A-Z]+[A-Z_]*_[\w.]+$/.test(version))).toBe(true);
});

test("--version prints the version of package.json and the commit", async () => {
  const { stdout, stderr, exitCode } = await run(["--version"]);
  expect(stderr).toBe("");
  const git = Bun.which("git");
  const isCheckout = git !== null && Bun.spawnSync([git, "rev-parse", "HEAD"], { cwd: root }).success;
  const commit = isCheckout ? "[0-9a-f]{7,}(-dirty)?" : "unknown commit";
  expect(stdout).toMatch(new RegExp(`^logship \\d+\\.\\d+\\.\\d+ \\(${commit}\\)\\n$`));
  expect(stdout).toStartWith(`logship ${packageJson.version} (`);
  expect(exitCode).toBe(0);
});

test("files in the working directory do not change the program", async () => {
  const cwd = temporaryDirectory("cwd");
  writeFileSync(join(cwd, ".env"), "LOGSHIP_RECORDS=not-a-number\nNODE_OPTIONS=--no-such-option\n");
  writeFileSync(join(cwd, ".env.production"), "LOGSHIP_RECORDS=not-a-number\n");
  writeFileSync(join(cwd, "bunfig.toml"), `preload = ["./preload.ts"]\n[run]\npreload = ["./preload.ts"]\n`);
  writeFileSync(join(cwd, "preload.ts"), `process.stdout.write("preloaded\\n"); process.exit(7);\n`);
  writeFileSync(join(cwd, "tsconfig.json"), "{ not json");
  writeFileSync(join(cwd, "package.json"), `{ "name": "other", "version": "9.9.9", "type": "commonjs" `);
  const here = await run(["generate", "--records", "1", "--seed", "1", "--start", "2017-01-01T00:00:00Z"], {
    cwd,
  });
  const elsewhere = await run([
    "generate",
    "--records",
    "1",
    "--seed",
    "1",
    "--start",
    "2017-01-01T00:00:00Z",
  ]);
  expect(here.stderr).toBe("");
  expect(here.stdout).toBe(elsewhere.stdout);
  expect(here.stdout.split("\n")).toHaveLength(2);
  expect(here.exitCode).toBe(0);
});

test.skipIf(process.env.CI !== "true")(
  "the build for linux-arm64 is an aarch64 executable that starts on glibc 2.17",
  async () => {
    const build = Bun.spawn([process.execPath, "src/build/build.ts", "--arm64"], {
      cwd: root,
      stdout: "pipe",
    });
    expect(await new Response(build.stdout).text()).toBe("built dist/logship-arm64\n");
    expect(await build.exited).toBe(0);
    const requirements = readRequirements(join(root, "dist/logship-arm64"));
    expect(requirements.machine).toBe("aarch64");
    expect(requirements.interpreter).toBe("/lib/ld-linux-aarch64.so.1");
    expect(obstacles(requirements)).toEqual([]);
    expect(readRequirements(executable).machine).toBe("x86-64");
  },
  600_000,
);

test("the build leaves one executable of less than 120 MB and nothing beside it that it needs", async () => {
  expect(statSync(executable).size).toBeLessThan(120e6);
  const alone = join(temporaryDirectory("alone"), "logship");
  await Bun.write(alone, Bun.file(executable));
  Bun.spawnSync(["chmod", "755", alone]);
  expect(existsSync(alone)).toBe(true);
  const { stdout, exitCode } = await run(["--version"], { executable: alone });
  expect(stdout).toStartWith("logship ");
  expect(exitCode).toBe(0);
});
