import { Command, CommanderError } from "commander";
import type { CommandSpec, Host } from "./commands/command.ts";
import { addOptions, readOptions } from "./commands/options.ts";
import { unableToParse } from "./system/errors.ts";
import { printText } from "./system/output.ts";
import { version } from "./system/version.ts";

/** A command before it is loaded; loading only the one that is called keeps the others out of memory. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandSpec>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "run",
    summary: "Generate, split and upload, again and again: the main job.",
    load: async () => (await import("./commands/run.ts")).run,
  },
  {
    name: "generate",
    summary: "Write simulated access-log records to standard output.",
    load: async () => (await import("./commands/generate.ts")).generate,
  },
  {
    name: "split",
    summary: "Split a file or standard input into pieces of whole records.",
    load: async () => (await import("./commands/split.ts")).split,
  },
  {
    name: "upload",
    summary: "Upload files and directories to S3 or into a directory.",
    load: async () => (await import("./commands/upload.ts")).upload,
  },
  {
    name: "verify",
    summary: "Prove that what run or ship stored is complete and as it was.",
    load: async () => (await import("./commands/verify.ts")).verifyCommand,
  },
  {
    name: "ship",
    summary: "Ship log files, log directories or standard input, each line exactly once.",
    load: async () => (await import("./commands/ship.ts")).shipCommand,
  },
  {
    name: "tail",
    summary: "Show the last lines of a log directory with local times, and follow it.",
    load: async () => (await import("./commands/tail.ts")).tailCommand,
  },
  {
    name: "status",
    summary: "Show how services do, as svstat does, and more with --verbose or --json.",
    load: async () => (await import("./commands/status.ts")).statusCommand,
  },
  {
    name: "start",
    summary: "Start services and wait until they stay up, each with its log.",
    load: async () => (await import("./commands/start-stop.ts")).startCommand,
  },
  {
    name: "stop",
    summary: "Stop services and wait until they are down, each with its log.",
    load: async () => (await import("./commands/start-stop.ts")).stopCommand,
  },
  {
    name: "restart",
    summary: "End services and wait until they are up again, each with its log.",
    load: async () => (await import("./commands/start-stop.ts")).restartCommand,
  },
  {
    name: "svc",
    summary: "Send commands to supervise, as daemontools' svc does.",
    load: async () => (await import("./commands/svc.ts")).svcCommand,
  },
  {
    name: "setup",
    summary: "Make this host a supervised shipper, or take that back.",
    load: async () => (await import("./commands/setup.ts")).setup,
  },
  {
    name: "multilog",
    summary: "Write standard input into rotated log directories, as daemontools' multilog does.",
    load: async () => (await import("./commands/multilog.ts")).multilogCommand,
  },
  {
    name: "tai64n",
    summary: "Put a TAI64N label before every line of standard input.",
    load: async () => (await import("./commands/filters.ts")).tai64nCommand,
  },
  {
    name: "tai64nlocal",
    summary: "Show the TAI64N labels at the starts of lines as local time.",
    load: async () => (await import("./commands/filters.ts")).tai64nlocalCommand,
  },
];

/** A program that logship replaces when it is called through a link of that name: exit code of its arguments. */
type StandIn = (args: string[], host: Host) => Promise<number | undefined>;

const STAND_INS: Record<string, StandIn> = {
  multilog: async (args, host) => (await import("./commands/multilog.ts")).standInMultilog(args, host),
  tai64n: async (args, host) => (await import("./commands/filters.ts")).standInTai64n(args, host),
  tai64nlocal: async (args, host) => (await import("./commands/filters.ts")).standInTai64nlocal(args, host),
  svc: async (args, host) => (await import("./commands/svc.ts")).standInSvc(args, host),
  svok: async (args) => (await import("./commands/svok.ts")).svok(args),
  svstat: async (args) => (await import("./commands/svstat.ts")).svstat(args),
};

/**
 * Runs what the command line asks for.
 *
 * @param name The name the executable was called by, without directories.
 * @returns the exit code
 * @throws UsageError for a command line that cannot be understood, FatalError from the command itself
 */
export async function runProgram(name: string, givenArgs: string[], host: Host): Promise<number> {
  const standIn = Object.hasOwn(STAND_INS, name) ? STAND_INS[name] : undefined;
  if (standIn) return (await standIn(givenArgs, host)) ?? 0;
  // Also for commands that take their arguments unparsed: `--help` alone asks for nothing else in any grammar.
  const args = givenArgs.length === 2 && givenArgs[1] === "--help" ? ["help", givenArgs[0]!] : givenArgs;
  let exitCode = 0;
  const program = buildProgram();
  const wanted = args[0] === "help" ? args[1] : args[0];
  if (args[0] === "help") requireCommand(wanted);
  for (const entry of COMMANDS) {
    const command = program.command(entry.name).description(entry.summary);
    if (entry.name === wanted) {
      defineCommand(command, await entry.load(), host, (code) => {
        exitCode = code;
      });
    }
  }
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return 100;
  }
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw unableToParse("command line", reasonOf(error));
  }
  return exitCode;
}

/** Commander answers `help` of a name that it does not know with the general help, as a failure without a reason. */
function requireCommand(name: string | undefined): void {
  const isKnown = name === undefined || name === "help" || COMMANDS.some((entry) => entry.name === name);
  if (!isKnown) throw unableToParse("command line", `unknown command '${name}'`);
}

function buildProgram(): Command {
  return new Command("logship")
    .description("Simulates a web server's access log, ships logs to S3 and writes multilog-compatible logs.")
    .version(version, "-V, --version", "print version and commit")
    .helpOption("-h, --help", "print this help")
    .helpCommand("help [command]", "print the help of a command")
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ outputError: () => {}, writeOut: printText });
}

function defineCommand(
  command: Command,
  spec: CommandSpec,
  host: Host,
  finish: (exitCode: number) => void,
): void {
  if (spec.positional) command.arguments(spec.positional);
  if (spec.isRaw) command.helpOption(false).allowUnknownOption().passThroughOptions();
  else command.helpOption("-h, --help", "print this help").allowExcessArguments(false);
  if (spec.epilogue) command.addHelpText("after", `\n${spec.epilogue}`);
  addOptions(command, spec.options).action(async () => {
    const options = readOptions(command, spec.options, host.environment) as never;
    finish((await spec.run(options, command.args, host)) ?? 0);
  });
}

/** Commander's own words as one clause, without its `error: ` and full stops. */
function reasonOf(error: CommanderError): string {
  return error.message
    .replace(/^error: /, "")
    .replace(/\. Expected (\d+) arguments? but got (\d+)\.$/, " (expected $1, got $2)")
    .replace(/\n\((.*)\)$/s, " ($1)")
    .replaceAll("\n", " ");
}
