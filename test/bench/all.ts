/**
 * `npm run bench [-- ROUNDS [WORK…]]`: logship beside its peers in interleaved rounds, and what it needs beside its
 * budgets, as tables in RESULTS.md. Works: uploads, records, logs, budgets. A peer that is missing is named there.
 */
import { budgets } from "./budgets.ts";
import { logs } from "./logs.ts";
import { records } from "./records.ts";
import { Stage } from "./stage.ts";
import { Table } from "./table.ts";
import { uploads } from "./uploads.ts";

const WORKS = { uploads, records, logs, budgets };

const [rounds = "5", ...names] = process.argv.slice(2);
const chosen = names.length > 0 ? names : Object.keys(WORKS);
const table = new Table(Number(rounds));
const stage = new Stage();
try {
  for (const name of chosen) await WORKS[name as keyof typeof WORKS](table, stage);
} finally {
  stage.clear();
}
