/** What install/service.sh does with the program, on this host and with stand-ins for what only root may do. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./support/run-directory.ts";

const install = join(import.meta.dir, "../install");

/** Has setup install a program. @returns the commands that it gave; their exit codes are 0 */
function commandsFor(source: string, program: string, { dryRun = "no" } = {}): string[] {
  const bin = temporaryDirectory("bin");
  const calls = join(bin, "calls");
  for (const name of ["chown", "chmod", "install", "restorecon"])
    writeFileSync(join(bin, name), `#!/bin/sh\necho ${name} "$@" >>${calls}\n`, { mode: 0o755 });
  writeFileSync(join(bin, "getenforce"), "#!/bin/sh\necho Enforcing\n", { mode: 0o755 });
  const script = `
    for part in messages preflight daemontools service; do source "$1/$part.sh"; done
    dry_run=$4 program=$3 record_directory=$5 record_file=$5/made LOGSHIP_SETUP_PROGRAM=$2
    make_directory() { :; }
    install_program`;
  const args = ["bash", install, source, program, dryRun, bin];
  const environment = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const { stderr } = Bun.spawnSync(["bash", "-c", script, ...args], { env: environment });
  expect(stderr.toString()).toBe("");
  return existsSync(calls) ? readFileSync(calls, "utf8").trimEnd().split("\n") : [];
}

function moved(mode: number): { readonly program: string } {
  const program = join(temporaryDirectory("usr-local-bin"), "logship");
  writeFileSync(program, "the program", { mode });
  return { program };
}

test("setup gives a program that was moved to its place out of a home to root, and labels it", () => {
  const { program } = moved(0o700);
  expect(commandsFor(program, program)).toEqual([
    `chown root:root ${program}`,
    `chmod 755 ${program}`,
    `restorecon ${program}`,
  ]);
});

test("setup leaves it as it is with --dry-run", () => {
  const { program } = moved(0o700);
  expect(commandsFor(program, program, { dryRun: "yes" })).toEqual([]);
});

test("systemd starts and stops svscan through a program that every SELinux policy knows as one", () => {
  const unit = readFileSync(join(install, "daemontools.service"), "utf8");
  const started = [...unit.matchAll(/^Exec\w+=-?(\S+)/gm)].map(([, path]) => path);
  expect(started).toEqual(["/usr/bin/env", "/usr/bin/env"]);
});
