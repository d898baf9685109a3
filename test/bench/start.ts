/** `bun test/bench/start.ts`: what it costs to start logship at all, beside a compiled hello world and other programs. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { runDirectory, temporaryDirectory } from "../support/run-directory.ts";
import { measure, row } from "./measure.ts";

const directory = temporaryDirectory("hello");
const hello = join(directory, "hello");
writeFileSync(join(directory, "hello.ts"), `process.stdout.write("hello\\n");\n`);
Bun.spawnSync([
  process.execPath,
  "build",
  "--compile",
  "--minify",
  "--bytecode",
  `--outfile=${hello}`,
  `${hello}.ts`,
]);

const commands: Record<string, string[]> = {
  "hello, compiled with Bun": [hello],
  "logship --version": [executable, "--version"],
  "logship upload --help": [executable, "upload", "--help"],
  "aws --version": ["aws", "--version"],
  "node -e 0": ["node", "-e", "0"],
  "python3 -c pass": ["python3", "-c", "pass"],
};

row("median of 15 starts", "wall ms", "CPU ms", "peak RSS MiB");
for (const [name, command] of Object.entries(commands)) {
  if (Bun.which(command[0]!) === null) continue;
  const { wallMs, cpuMs, peakMiB } = await measure(command, {}, 15);
  row(name, wallMs.toFixed(1), cpuMs.toFixed(1), peakMiB.toFixed(0));
}
rmSync(runDirectory, { recursive: true, force: true });
