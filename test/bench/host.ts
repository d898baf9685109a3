/**
 * `bun test/bench/host.ts`: status and tail beside daemontools' programs. Aims: 50 services, and the last lines of a
 * directory of 100 files of 16 MB, in 60 ms each.
 */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ServiceDirectory } from "../supervise/service-directory.ts";
import { executable } from "../support/logship.ts";
import { runDirectory, temporaryDirectory } from "../support/run-directory.ts";
import { type Cost, measure, row } from "./measure.ts";

const SERVICES = 50;
const FILES = 100;
const FILE_BYTES = 16_000_000;
const ROUNDS = 9;

function services(): string {
  const directory = temporaryDirectory("service");
  for (let index = 0; index < SERVICES; index++) {
    const service = new ServiceDirectory();
    service.supervised({ age: 5, pid: 7, want: "u" });
    writeFileSync(join(service.path, "run"), "");
    symlinkSync(service.path, join(directory, `s${index}`));
  }
  return directory;
}

function logDirectory(): string {
  const directory = temporaryDirectory("log");
  mkdirSync(directory, { recursive: true });
  const label = (index: number) => `@4000000058779e${index.toString(16).padStart(2, "0")}00000000`;
  for (let index = 0; index < FILES; index++) {
    const lines = `${label(index)} ${"x".repeat(73)}\n`.repeat(FILE_BYTES / 100);
    writeFileSync(join(directory, index < FILES - 1 ? `${label(index)}.s` : "current"), lines);
  }
  return directory;
}

function show(name: string, { wallMs, cpuMs, peakMiB }: Cost): void {
  row(name, wallMs.toFixed(1), cpuMs.toFixed(1), peakMiB.toFixed(0));
}

const kept = services();
row(`${SERVICES} services`, "wall ms", "CPU ms", "peak MiB");
show("  svstat", await measure(["sh", "-c", `exec svstat ${kept}/*`], {}, ROUNDS));
show("  logship status", await measure([executable, "status"], { LOGSHIP_SERVICES: kept }, ROUNDS));

const log = logDirectory();
row(`10 lines of ${FILES} x 16 MB`, "wall ms", "CPU ms", "peak MiB");
show(
  "  cat | tail | tai64nlocal",
  await measure(["sh", "-c", `cat ${log}/* | tail -n 10 | tai64nlocal`], {}, 3),
);
show("  logship tail -n 10", await measure([executable, "tail", "-n", "10", log], {}, ROUNDS));
rmSync(runDirectory, { recursive: true, force: true });
