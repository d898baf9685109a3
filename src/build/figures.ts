/** The figures of README: some of the rows that `npm run bench` has written into test/bench/RESULTS.md. */
import { table } from "./markdown.ts";

/** What a reader of README compares: the names of works, whose amounts may change, and of budgets. */
const WORKS = [
  /^upload 1000 .*, https$/,
  /^upload 200 /,
  /^run, .*, http$/,
  /^generate --format combined$/,
  /^split -C /,
  /^multilog t \.\/d, .* from a pipe$/,
  /^tai64nlocal /,
];
const BUDGETS = [/^`run --rate .* share of the core$/, /^`run --rate .* peak memory$/, /^idle `multilog /];

/**
 * When and where it was measured, and a line for each work: ours, and how many times ours the others need.
 *
 * @param results The text of RESULTS.md.
 * @throws Error `RESULTS.md has no row like <pattern>`
 */
export function figuresBlock(results: string): string {
  const head = results.split("\n").find((line) => / x .*Medians of /.test(line)) ?? "";
  const rows = results
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  const lines = WORKS.map((pattern) => {
    const at = indexOf(rows, pattern);
    const [work, , speed, , cpu, peak] = rows[at]!;
    const others = rows.slice(at + 1).slice(0, countPeers(rows, at));
    const texts = others.map(([, program, , , , , wall, cpuTimes]) => `${program} ${wall}, ${cpuTimes}`);
    return [work!, `${speed}, ${cpu} s, ${peak} MiB`, texts.join("; ")];
  });
  const budgets = BUDGETS.map((pattern) => {
    const [name, measured, limit] = rows[indexOf(rows, pattern)]!;
    return [name!, measured!, `at most ${limit}`];
  });
  const heads = [
    "what",
    "logship: speed, processor time, peak memory",
    "the others' wall and processor time, in ours",
  ];
  return `${head}\n\n${table(heads, [...lines, ...budgets])}`;
}

function indexOf(rows: readonly (readonly string[])[], pattern: RegExp): number {
  const index = rows.findIndex(([first = ""]) => pattern.test(first));
  if (index < 0) throw new Error(`RESULTS.md has no row like ${pattern}`);
  return index;
}

/** Their rows follow ours, without a name. */
function countPeers(rows: readonly (readonly string[])[], at: number): number {
  const next = rows.slice(at + 1).findIndex(([work]) => work?.trim() !== "");
  return next < 0 ? rows.length - at - 1 : next;
}
