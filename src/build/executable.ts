import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import { type Architecture, X64 } from "./architecture.ts";
import { closeVariables } from "./closed-variables.ts";
import { readRequirements } from "./elf.ts";
import { manDirectory, writeManPages } from "./man.ts";
import { obstacles } from "./portability.ts";
import { describeCommit, dist, pinnedBun, projectVersion, root } from "./project.ts";

export interface Contents {
  /** The directory of the programs of daemontools; it is embedded by its last name. */
  readonly daemontools?: string;
  /** Where Bun writes what it has bundled, as JSON. */
  readonly metafile?: string;
}

/**
 * Compiles src/main.ts and embeds install/ and the man pages. The same commit gives the same bytes, in whatever directory.
 *
 * @throws Error also if the executable would not start on the oldest system that logship supports, or if a variable of the
 *   runtime stays open
 */
export async function buildExecutable(
  architecture: Architecture,
  outfile: string,
  { daemontools, metafile }: Contents = {},
): Promise<void> {
  const build = [await describeCommit(), ...(daemontools ? ["with daemontools 0.76"] : [])].join(", ");
  const flags = [
    "--compile",
    "--minify",
    "--bytecode",
    "--splitting",
    "--compile-jit-policy=32", // most code runs too seldom to repay its compilation, in time and in memory
    "--format=esm",
    "--no-compile-autoload-dotenv",
    "--no-compile-autoload-bunfig",
    "--no-compile-autoload-tsconfig",
    "--no-compile-autoload-package-json",
    `--target=${architecture.target}`,
    ...(architecture === X64 ? [] : [`--compile-executable-path=${await foreignBun(architecture)}`]),
    "--asset=install",
    `--asset=${manDirectory}`,
    ...(daemontools ? [`--asset=${daemontools}`] : []),
    ...(metafile ? [`--metafile=${metafile}`] : []),
    `--define=LOGSHIP_VERSION=${JSON.stringify(projectVersion)}`,
    `--define=LOGSHIP_BUILD=${JSON.stringify(build)}`,
    `--outfile=${outfile}`,
  ];
  pinnedBun();
  await writeManPages();
  await $`${process.execPath} build ${flags} ${join(root, "src", "main.ts")}`.cwd(root).quiet();
  closeVariables(outfile);
  const found = obstacles(readRequirements(outfile));
  if (found.length > 0) throw new Error(`${outfile} would not start everywhere: it ${found.join(", ")}`);
}

/**
 * Fetches the Bun executable of another architecture through npm, so that the registry and its settings are npm's,
 * and checks it against the lock file.
 */
async function foreignBun({ bunPackage }: Architecture): Promise<string> {
  const bunVersion = pinnedBun();
  const directory = join(dist, `.${bunPackage.replace("@oven/", "")}-${bunVersion}`);
  const executable = join(directory, "package", "bin", "bun");
  if (existsSync(executable)) return executable;
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const wanted: string = lock.packages[`node_modules/${bunPackage}`].integrity;
  mkdirSync(directory, { recursive: true });
  const [packed] =
    await $`npm pack --json --pack-destination ${directory} ${bunPackage}@${bunVersion}`.json();
  if (packed.integrity !== wanted)
    throw new Error(`${bunPackage}: integrity is not the one in package-lock.json`);
  await $`tar -xzf ${join(directory, packed.filename)} -C ${directory}`;
  return executable;
}
