/**
 * `npm run bench [-- [--rounds N] [WORD…]]`: logship beside its peers in interleaved rounds, and what it needs on one core,
 * into RESULTS.md and README. With words, only the rows whose names contain one of them, on standard output alone.
 */
import { parseArgs } from "node:util";
import { writeReference } from "../../src/build/reference.ts";
import { budgets } from "./budgets.ts";
import { logs } from "./logs.ts";
import { records } from "./records.ts";
import { shippers } from "./shippers.ts";
import { Stage } from "./stage.ts";
import { type BudgetRows, type Rows, Table } from "./table.ts";
import { uploads } from "./uploads.ts";

/** A new file of rows is added here. */
const ROWS: Rows = { ...uploads, ...shippers, ...records, ...logs };
const BUDGETS: BudgetRows = budgets;

const { values, positionals } = parseArgs({
  options: { rounds: { type: "string", default: "5" } },
  allowPositionals: true,
});
const isChosen = ([name]: [string, unknown]) =>
  positionals.length === 0 || positionals.some((word) => name.includes(word));
const table = new Table(Number(values.rounds), positionals.length === 0 ? undefined : "/dev/null");
const stage = new Stage();
try {
  for (const [name, prepare] of Object.entries(ROWS).filter(isChosen)) {
    await table.add(name, await prepare(stage));
    stage.clear();
  }
  for (const [, measured] of Object.entries(BUDGETS).filter(isChosen)) {
    for (const budget of await measured(stage)) table.budget(budget);
    stage.clear();
  }
  if (positionals.length === 0) await writeReference();
} finally {
  stage.remove();
}
