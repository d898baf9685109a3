import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { DAEMONTOOLS } from "../setup/embedded.ts";
import type { Architecture } from "./architecture.ts";
import { root } from "./project.ts";

const AUTHORS_SITE = "https://cr.yp.to/daemontools/daemontools-0.76.tar.gz";
const INSTALLED = "/daemon/admin/daemontools-0.76";

/**
 * What its Makefile would find out by running programs, which those of another architecture do not, and which may fail
 * in a container: poll works, an unsigned long has 64 bits, setgroups takes no shorts. True of every 64-bit Linux.
 */
const KNOWN = { "iopause.h": "iopause.h2", "uint64.h": "uint64.h2", "hasshsgr.h": "hasshsgr.h1" };

export interface Compiler {
  readonly command: string;
  /** What the names of `ar` and `ranlib` begin with. */
  readonly prefix: string;
}

/** A C compiler that links statically with musl; undefined if there is none here. */
export function muslCompiler({ name, gnuName }: Architecture): Compiler | undefined {
  if (process.arch === name) return Bun.which("musl-gcc") ? { command: "musl-gcc", prefix: "" } : undefined;
  const prefix = `${gnuName}-linux-gnu-`;
  const specs = `/usr/lib/${gnuName}-linux-musl/musl-gcc.specs`;
  if (!Bun.which(`${prefix}gcc`) || !existsSync(specs)) return undefined;
  return { command: `${prefix}gcc -specs=${specs}`, prefix };
}

/**
 * Compiles daemontools 0.76 with the project's patch into programs that need nothing but a kernel.
 *
 * @param tarball daemontools-0.76.tar.gz: a file or a URL; its author's site if it is not given.
 * @param staging An empty directory, in which it is compiled.
 * @returns a directory in there that has the programs and nothing else
 * @throws Error if it is not the tarball that install/from-source.sh knows, or does not compile
 */
export async function buildDaemontools(
  compiler: Compiler,
  tarball: string = AUTHORS_SITE,
  staging: string,
): Promise<string> {
  const source = await unpack(tarball, staging);
  const names = readFileSync(join(source, "package/commands"), "latin1").trim().split("\n");
  await compile(join(source, "src"), names, compiler, staging);
  const programs = join(staging, DAEMONTOOLS);
  mkdirSync(programs);
  for (const name of names) {
    copyFileSync(join(source, "src", name), join(programs, name));
    chmodSync(join(programs, name), 0o755);
  }
  return programs;
}

/** Fetches, checks, unpacks and patches the source as setup.sh does it on a host. */
async function unpack(tarball: string, staging: string): Promise<string> {
  const script = 'source "$here/from-source.sh" && fetch_tarball && unpack_tarball';
  await run(["bash", "-c", script], root, { here: join(root, "install"), staging, tarball });
  return join(staging, "admin/daemontools-0.76");
}

async function compile(
  source: string,
  names: readonly string[],
  { command, prefix }: Compiler,
  staging: string,
): Promise<void> {
  writeFileSync(join(source, "conf-cc"), `${command} -std=gnu89 -O2\n`);
  writeFileSync(join(source, "conf-ld"), `${command} -static -s -Wl,--build-id=none\n`);
  writeFileSync(join(source, "home"), `${INSTALLED}\n`);
  for (const [header, answer] of Object.entries(KNOWN))
    copyFileSync(join(source, answer), join(source, header));
  const tools = join(staging, "tools");
  mkdirSync(tools);
  for (const tool of ["ar", "ranlib"]) {
    const found = Bun.which(`${prefix}${tool}`);
    if (found) symlinkSync(found, join(tools, tool));
  }
  const keep = Object.keys(KNOWN).flatMap((header) => ["-o", header]);
  await run(["make", "-j2", ...keep, ...names], source, { PATH: `${tools}:${process.env.PATH}` });
}

/** @throws Error with the last line that the command wrote to standard error */
async function run(command: string[], cwd: string, environment: Record<string, string>): Promise<void> {
  const { exitCode, stderr } = await $`${command}`
    .cwd(cwd)
    .env({ ...process.env, ...environment })
    .nothrow()
    .quiet();
  if (exitCode === 0) return;
  const reason = stderr.toString().trim().split("\n").at(-1);
  throw new Error(`unable to build daemontools: ${reason || `${command[0]} exited ${exitCode}`}`);
}
