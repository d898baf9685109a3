/** Builds dist/logship from src/main.ts: `npm run build` for this kind of machine, `npm run build -- --arm64` for linux-arm64. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { $ } from "bun";
import packageJson from "../../package.json";
import { readRequirements } from "./elf.ts";
import { obstacles } from "./portability.ts";

const root = join(import.meta.dir, "../..");

/**
 * Fetches the Bun executable of another architecture through npm, so that the registry and its settings are npm's,
 * and checks it against the lock file.
 */
async function foreignBun(packageName: string, bunVersion: string): Promise<string> {
  const directory = join(root, "dist", `.${packageName.replace("@oven/", "")}-${bunVersion}`);
  const executable = join(directory, "package", "bin", "bun");
  if (existsSync(executable)) return executable;
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const wanted: string = lock.packages[`node_modules/${packageName}`].integrity;
  mkdirSync(directory, { recursive: true });
  const [packed] =
    await $`npm pack --json --pack-destination ${directory} ${packageName}@${bunVersion}`.json();
  if (packed.integrity !== wanted)
    throw new Error(`${packageName}: integrity is not the one in package-lock.json`);
  await $`tar -xzf ${join(directory, packed.filename)} -C ${directory}`;
  return executable;
}

const isArm64 = process.argv.includes("--arm64");
const bunVersion = packageJson.devDependencies.bun;
if (Bun.version !== bunVersion) throw new Error(`Bun ${Bun.version} is not the pinned ${bunVersion}`);

const commit = (
  await $`git describe --always --dirty --abbrev=7 ${"--exclude=*"}`.cwd(root).nothrow().quiet().text()
).trim();
const outfile = join(root, "dist", isArm64 ? "logship-arm64" : "logship");
const target = isArm64
  ? [
      "--target=bun-linux-arm64",
      `--compile-executable-path=${await foreignBun("@oven/bun-linux-aarch64", bunVersion)}`,
    ]
  : ["--target=bun-linux-x64"];
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
  ...target,
  `--define=LOGSHIP_VERSION=${JSON.stringify(packageJson.version)}`,
  `--define=LOGSHIP_COMMIT=${JSON.stringify(commit || "unknown commit")}`,
  `--outfile=${outfile}`,
];
await $`${process.execPath} build ${flags} ${join(root, "src", "main.ts")}`.cwd(root).quiet();

const found = obstacles(readRequirements(outfile));
if (found.length > 0) throw new Error(`${outfile} would not start everywhere: it ${found.join(", ")}`);
process.stdout.write(`built ${outfile.slice(root.length + 1)}\n`);
