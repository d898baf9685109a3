/**
 * `npm run peers`: the same things happen to a log beside each shipper of logs that is on this machine, and the lines that
 * come out are counted. Writes the table of docs/beside-others.md. With words behind `--`, only the rows that have one of
 * them in their names, and nothing is written.
 *
 * The programs are looked for in the directory that PEERS names, then in PATH; a small script in that directory may begin
 * one that lies elsewhere.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import { plain, table } from "../../src/build/markdown.ts";
import { root } from "../../src/build/project.ts";
import { peerPath } from "../bench/peer.ts";
import { ROWS, type Row } from "./rows.ts";
import { SHIPPERS, type Shipper } from "./shippers.ts";
import { type Outcome, Stage } from "./stage.ts";

const DOCUMENT = join(root, "docs/beside-others.md");
const MARKS = ["<!-- written by npm run peers -->\n", "<!-- up to here -->\n"] as const;

/** Most of their time they wait. */
const ROWS_AT_ONCE = 3;

const words = process.argv.slice(2);
const rows = ROWS.filter(({ name }) => words.length === 0 || words.some((word) => name.includes(word)));
const found = SHIPPERS.map((shipper) => ({ shipper, path: peerPath(shipper.program) }));
const there = found.flatMap(({ shipper, path }) => (path === undefined ? [] : [{ shipper, path }]));
const missing = found.filter(({ path }) => path === undefined).map(({ shipper }) => shipper);
for (const { name, install } of missing) say(`not here, left out: ${name} (${install})`);

const lines: string[][] = [];
for (let first = 0; first < rows.length; first += ROWS_AT_ONCE)
  lines.push(...(await Promise.all(rows.slice(first, first + ROWS_AT_ONCE).map(lineOf))));
if (words.length === 0) writeTable();

async function lineOf(row: Row): Promise<string[]> {
  const outcomes = await Promise.all(there.map(({ shipper, path }) => outcomeOf(row, shipper, path)));
  const line = [row.name, String(outcomes[0]?.written ?? 0), ...outcomes.map(cell)];
  say(line.join(" | "));
  return line;
}

async function outcomeOf(row: Row, shipper: Shipper, path: string): Promise<Outcome> {
  const stage = await Stage.make(shipper, path, row.log ?? "log/app.log", row.isToServer === true);
  row.prepare?.(stage);
  stage.write(10);
  stage.start();
  await stage.settled();
  await row.happen(stage);
  return stage.end();
}

function cell({ lost, doubled }: Outcome): string {
  return `${lost} / ${doubled}`;
}

function writeTable(): void {
  const [cpu] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  const head = ["what happens", "lines", ...there.map(({ shipper }) => shipper.name)];
  const text = [
    `${date}, ${cpus().length} x ${cpu?.model.split(" ").slice(0, 2).join(" ")}, kernel ${release()}; lost / doubled.`,
    "",
    table(head, lines),
    "",
    ...(missing.length === 0
      ? []
      : [`Not on that machine, so not measured: ${missing.map(({ name }) => name).join(", ")}.`, ""]),
    table(
      ["program", "version", "settings beside the path of the log"],
      there.map(({ shipper, path }) => [shipper.name, versionOf(shipper, path), shipper.settings]),
    ),
    "",
  ];
  const document = readFileSync(DOCUMENT, "utf8");
  const [before, rest] = document.split(MARKS[0]);
  const after = rest?.split(MARKS[1])[1];
  if (before === undefined || after === undefined) throw new Error(`${DOCUMENT} has lost its marks`);
  writeFileSync(DOCUMENT, `${before}${MARKS[0]}\n${text.join("\n").trimEnd()}\n\n${MARKS[1]}${after}`);
}

function versionOf({ versionArgs }: Shipper, path: string): string {
  const { stdout } = Bun.spawnSync([path, ...versionArgs]);
  const [first = ""] = stdout.toString().split("\n");
  return plain(/\d+(?:\.\d+)+/.exec(first)?.[0] ?? first);
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
