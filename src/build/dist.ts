/**
 * `npm run dist`: builds dist/logship with daemontools inside, and dist/logship-arm64 where there is a cross compiler,
 * each packed for the way to a host as well, with SHA256SUMS, a bill of materials and the licences.
 *
 *   --daemontools-tarball FILE   daemontools-0.76.tar.gz: a file or a URL (default: its author's site)
 *   --output DIRECTORY           instead of dist
 *   --unpacked                   without the packed ones, which take a minute each
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ARM64, X64 } from "./architecture.ts";
import { nativeComponents, npmComponents } from "./components.ts";
import { buildDaemontools, muslCompiler } from "./daemontools.ts";
import { buildExecutable } from "./executable.ts";
import { packedName, packFile } from "./packed.ts";
import { writePapers } from "./papers.ts";
import { dist, sourceDate } from "./project.ts";

const { values } = parseArgs({
  options: {
    "daemontools-tarball": { type: "string" },
    output: { type: "string", default: dist },
    unpacked: { type: "boolean", default: false },
  },
});
const output = resolve(values.output);

async function main(staging: string): Promise<void> {
  const metafile = join(staging, "bundle.json");
  mkdirSync(output, { recursive: true });
  const executables: string[] = [];
  const packed: string[] = [];
  for (const architecture of [X64, ARM64]) {
    const { outputName } = architecture;
    const compiler = muslCompiler(architecture);
    if (!compiler) {
      for (const name of [outputName, packedName(outputName)]) rmSync(join(output, name), { force: true });
      process.stdout.write(
        `left out ${outputName}: no C compiler with musl for ${architecture.name} is installed\n`,
      );
      continue;
    }
    const directory = join(staging, architecture.name);
    mkdirSync(directory);
    const daemontools = await buildDaemontools(compiler, tarballPath(), directory);
    await buildExecutable(architecture, join(output, outputName), { daemontools, metafile });
    executables.push(outputName);
    process.stdout.write(`built ${outputName} with daemontools 0.76\n`);
    if (values.unpacked) rmSync(join(output, packedName(outputName)), { force: true });
    else if (await packFile(join(output, outputName))) packed.push(packedName(outputName));
    else
      process.stdout.write(
        `left out ${packedName(outputName)}: there is no xz (Debian has it in xz-utils)\n`,
      );
  }
  if (executables.length === 0) throw new Error("nothing was built (Debian has the compiler in musl-tools)");
  const components = [...npmComponents(metafile), ...(await nativeComponents())];
  writePapers(output, [...executables, ...packed], components, await sourceDate());
}

function tarballPath(): string | undefined {
  const tarball = values["daemontools-tarball"];
  return tarball === undefined || tarball.includes("://") ? tarball : resolve(tarball);
}

mkdirSync(dist, { recursive: true });
const staging = mkdtempSync(join(dist, ".staging-"));
try {
  await main(staging);
} catch (error) {
  process.stderr.write(`dist: fatal: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
} finally {
  rmSync(staging, { recursive: true, force: true });
}
