import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const README = join(import.meta.dir, "../../README.md");
const BEGIN = "<!-- what npm run bench measured -->\n";
const END = "<!-- end of it -->\n";

/**
 * Puts what was measured into README, a line for each work.
 *
 * @param rows Work (empty for a peer), program, speed, wall s, CPU s, peak MiB, and a peer's times in ours.
 * @param budgets What it is, measured, at most.
 */
export function writeSpeedIntoReadme(
  head: string,
  rows: readonly (readonly string[])[],
  budgets: readonly (readonly string[])[],
): void {
  const lines: string[][] = [];
  for (const [work, program, speed, , cpu, peak, wallTimes, cpuTimes] of rows) {
    if (work !== "") lines.push([work!, `${speed}, ${cpu} s, ${peak} MiB`, ""]);
    else lines.at(-1)![2] += `${lines.at(-1)![2] === "" ? "" : "; "}${program} ${wallTimes}, ${cpuTimes}`;
  }
  for (const [name, measured, limit] of budgets) lines.push([name!, measured!, `at most ${limit}`]);
  const heads = [
    "what",
    "logship: speed, processor time, peak memory",
    "the others' wall and processor time, in ours",
  ];
  const table = [heads, heads.map(() => "---"), ...lines].map((cells) => `| ${cells.join(" | ")} |`);
  const text = readFileSync(README, "utf8");
  const [before, rest = ""] = text.split(BEGIN);
  const after = rest.slice(rest.indexOf(END));
  writeFileSync(README, `${before}${BEGIN}\n${head}\n\n${table.join("\n")}\n\n${after}`);
}
