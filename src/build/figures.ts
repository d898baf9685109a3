/** The figures of README: some of the rows that `npm run bench` has written into test/bench/RESULTS.md. */
import { table } from "./markdown.ts";

/** What a reader of README compares; each is the name of a work or a budget. */
const WORKS = [
  "upload 1000 x 100 KB, https",
  "upload 200 x 8 MB, http",
  "run, 1 GB generated, split and uploaded, http",
  "generate --format combined",
  "split -C 16M, 1 GB",
  "multilog t ./d, 100 MB from a pipe",
  "tai64nlocal to /dev/null",
];
const BUDGETS = [
  "`run --rate 1000/s`, share of the core",
  "`run --rate 1000/s`, peak memory",
  "idle `multilog t ./d`, memory",
];

/**
 * When and where it was measured, and a line for each work: ours, and how many times ours the others need.
 *
 * @param results The text of RESULTS.md.
 * @throws Error `RESULTS.md has no row <name>`
 */
export function figuresBlock(results: string): string {
  const head = results.split("\n").find((line) => / x .*Medians of /.test(line)) ?? "";
  const rows = results
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .map((line) => line.slice(2, -2).split(" | "));
  const lines = WORKS.map((work) => {
    const at = indexOf(rows, work);
    const [, , speed, , cpu, peak] = rows[at]!;
    const others = rows.slice(at + 1).slice(0, countPeers(rows, at));
    const texts = others.map(([, program, , , , , wall, cpuTimes]) => `${program} ${wall}, ${cpuTimes}`);
    return [work, `${speed}, ${cpu} s, ${peak} MiB`, texts.join("; ")];
  });
  const budgets = BUDGETS.map((name) => {
    const [, measured, limit] = rows[indexOf(rows, name)]!;
    return [name, measured!, `at most ${limit}`];
  });
  const heads = [
    "what",
    "logship: speed, processor time, peak memory",
    "the others' wall and processor time, in ours",
  ];
  return `${head}\n\n${table(heads, [...lines, ...budgets])}`;
}

function indexOf(rows: readonly (readonly string[])[], name: string): number {
  const index = rows.findIndex(([first]) => first === name);
  if (index < 0) throw new Error(`RESULTS.md has no row ${name}`);
  return index;
}

/** Their rows follow ours, without a name. */
function countPeers(rows: readonly (readonly string[])[], at: number): number {
  const next = rows.slice(at + 1).findIndex(([work]) => work?.trim() !== "");
  return next < 0 ? rows.length - at - 1 : next;
}
