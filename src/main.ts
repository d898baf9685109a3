import { basename } from "node:path";
import { runProgram } from "./program.ts";
import { FatalError } from "./system/errors.ts";
import { printMessage, standardError } from "./system/message.ts";

const program = basename(process.argv0);

function fail(error: unknown): void {
  if (error instanceof FatalError) {
    printMessage("logship", "fatal", error.message);
    process.exitCode = error.exitCode;
    return;
  }
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  printMessage("logship", "fatal", `internal error: ${reason}`);
  process.exitCode = 101;
}

function crash(error: unknown): never {
  fail(error);
  process.exit();
}

process.on("uncaughtException", crash);
process.on("unhandledRejection", crash);

const host = { environment: process.env, messages: standardError, program };
try {
  process.exitCode = await runProgram(program, process.argv.slice(2), host);
} catch (error) {
  fail(error);
}
