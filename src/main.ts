import "./address-space.ts";
import "./log-writer-signals.ts"; // first: until its handlers are set, TERM ends the program
import { basename } from "node:path";
import { FatalError } from "./system/errors.ts";
import { printMessage, standardError } from "./system/message.ts";
import { printText } from "./system/output.ts";
import { version } from "./system/version.ts";

const program = basename(process.argv0);
const READER_WAIT_MS = 1000;

function fail(error: unknown): void {
  if (error instanceof FatalError) {
    const hint = error.topic === undefined ? "" : " (see logship doctor)";
    printMessage("logship", "fatal", error.message + hint);
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

async function main(args: string[]): Promise<number> {
  if (program === "logship" && (args[0] === "--version" || args[0] === "-V")) {
    printText(`${version}\n`); // answered before the parser and the commands are loaded
    return 0;
  }
  const { runProgram } = await import("./program.ts");
  return runProgram(program, args, { environment: process.env, messages: standardError, program });
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const { hasRoom } = await import("./system/outlet.ts");
  // Where nobody reads standard error, the exit code has to tell alone.
  if (hasRoom(2, READER_WAIT_MS)) fail(error);
  else process.exitCode = error instanceof FatalError ? error.exitCode : 101;
  // All output is written by now, but a read that hangs would keep the program alive.
  process.exit();
}
