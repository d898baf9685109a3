/** The DuckDB queries of docs/query.md, word for word but for the address, over what run and ship store in a directory. */
import { beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { run } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

const page = readFileSync(join(import.meta.dir, "../../docs/query.md"), "utf8");
const forDuckDb = page.slice(0, page.indexOf("## Athena"));
const [overBatches, overJson, overCombined] = [...forDuckDb.matchAll(/```sql\n(.*?)```/gs)].map(
  ([, sql]) => sql!,
) as [string, string, string];

const SEEDED = ["--seed", "7", "--start", "2017-01-12T14:36:56Z", "--records", "3000", "--step", "2s"];

type Row = Record<string, unknown>;

/** The rows of the last statement. */
async function queried(sql: string, directory: string): Promise<Row[]> {
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  let rows: Row[] = [];
  for (const statement of sql.replaceAll("s3://203.0.113.7-logs", directory).split(/;\n/)) {
    if (statement.trim() === "") continue;
    rows = (await connection.runAndReadAll(statement)).getRowObjectsJson();
  }
  connection.closeSync();
  return rows;
}

let records: Record<string, string>[];

beforeAll(async () => {
  const { stdout } = await run(["generate", ...SEEDED]);
  records = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
});

function countsBy(key: (record: Record<string, string>) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) counts.set(key(record), (counts.get(key(record)) ?? 0) + 1);
  return counts;
}

for (const compression of [[], ["--gzip"]]) {
  describe(compression.length > 0 ? "compressed" : "not compressed", () => {
    test("a batch of run is counted by status", async () => {
      const directory = temporaryDirectory("query");
      const to = ["--to", `file://${directory}`, "--piece-records", "700", "--success"];
      expect((await run(["run", "--once", ...SEEDED, ...to, ...compression])).exitCode).toBe(0);
      const rows = await queried(overBatches, directory);
      const counts = countsBy(({ status }) => status!);
      expect(rows).toHaveLength(counts.size);
      for (const { status, requests } of rows)
        expect(Number(requests)).toBe(counts.get(String(status).padStart(3, "0"))!);
      const bytes = records.reduce((sum, record) => sum + Number(record.body_bytes_sent), 0);
      expect(rows.reduce((sum, row) => sum + Number(row.bytes), 0)).toBe(bytes);
    });

    test("a log that was shipped is queried by its partitions, in JSON", async () => {
      let rows: Row[] = [];
      const hour = () => new Date().getUTCHours();
      // The query is about the present hour.
      for (let begun = -1; begun !== hour(); ) {
        begun = hour();
        rows = await queried(overJson, await shipped("json", compression));
      }
      const counts = countsBy(({ request_method }) => request_method!);
      expect(rows).toHaveLength(counts.size);
      for (const { host, request_method, requests } of rows) {
        expect(host).toBe(hostname());
        expect(Number(requests)).toBe(counts.get(String(request_method))!);
      }
    });

    test("a log that was shipped is queried by the hour of its records, in the format combined", async () => {
      const directory = await shipped("combined", compression);
      const rows = await queried(overCombined, directory);
      const counts = countsBy(({ time }) => `${time!.slice(0, 10)} ${time!.slice(11, 13)}:00`);
      expect(rows.map(({ utc }) => utc)).toEqual([...counts.keys()]);
      for (const { utc, requests } of rows) expect(Number(requests)).toBe(counts.get(String(utc))!);
      const failed = records.filter(({ status }) => status! >= "500").length;
      expect(rows.reduce((sum, row) => sum + Number(row.failed), 0)).toBe(failed);
    });
  });
}

test("what Apache and a client's own words make of combined is counted, and what is no record of it apart", async () => {
  const at = (second: number) => `[12/Jan/2017:14:36:${second} +0000]`;
  const lines = [
    `127.0.0.1 - - ${at(10)} "GET /index.html HTTP/1.1" 200 3 "-" "curl/7.88.1"`,
    `127.0.0.1 - - ${at(11)} "GET /index.html HTTP/1.1" 304 - "-" "curl/7.88.1"`,
    `127.0.0.1 - a b ${at(12)} "GET / HTTP/1.1" 500 2 "-" "-"`,
    `127.0.0.1 - [x] ${at(13)} "GET /\\"quoted\\" HTTP/1.1" 200 2 "-" "says \\"hello\\""`,
    "starting worker process",
  ];
  const rows = await queried(overCombined, await shippedLines(`${lines.join("\n")}\n`, []));
  const counted = rows.map(({ utc, requests, failed }) => [utc, Number(requests), Number(failed)]);
  expect(counted).toEqual([
    ["2017-01-12 14:00", 4, 1],
    [null, 1, 0],
  ]);
});

/** A directory with a log of the seed's records, shipped in this hour. */
async function shipped(format: string, compression: readonly string[]): Promise<string> {
  return shippedLines((await run(["generate", "--format", format, ...SEEDED])).stdout, compression);
}

async function shippedLines(lines: string, compression: readonly string[]): Promise<string> {
  const [directory, work] = [temporaryDirectory("query"), temporaryDirectory("work")];
  const log = join(work, "access.log");
  writeFileSync(log, lines);
  const args = ["ship", "--once", "--state", join(work, "state"), "--to", `file://${directory}`, log];
  expect((await run([...args, "--piece-bytes", "200k", ...compression])).exitCode).toBe(0);
  return directory;
}
