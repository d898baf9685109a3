import { Command, CommanderError, Option } from "commander";
import type { CommandSpec, Host } from "./commands/command.ts";
import {
  addOptions,
  groupTitle,
  longName,
  type OptionTable,
  readOptions,
  variableOf,
} from "./commands/options.ts";
import { unableToParse } from "./system/errors.ts";
import { printText } from "./system/output.ts";
import { version } from "./system/version.ts";

/** A command before it is loaded; loading only the one that is called keeps the others out of memory. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandSpec>;
}

/** By what they are for, as the help shows them. */
const GROUPS: readonly { readonly title: string; readonly commands: readonly CommandEntry[] }[] = [
  {
    title: "Simulate a web server's log, to S3 or a directory",
    commands: [
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
        summary: "Upload files and directories.",
        load: async () => (await import("./commands/upload.ts")).upload,
      },
    ],
  },
  {
    title: "Real logs to S3 or a directory, and proof",
    commands: [
      {
        name: "ship",
        summary: "Ship logs and standard input, each line exactly once.",
        load: async () => (await import("./commands/ship.ts")).shipCommand,
      },
      {
        name: "verify",
        summary: "Prove that all of what run or ship stored is there.",
        load: async () => (await import("./commands/verify.ts")).verifyCommand,
      },
    ],
  },
  {
    title: "The services of this host",
    commands: [
      {
        name: "setup",
        summary: "Make this host a supervised shipper, or take that back.",
        load: async () => (await import("./commands/setup.ts")).setup,
      },
      {
        name: "status",
        summary: "Show how services do, as svstat does, and more.",
        load: async () => (await import("./commands/status.ts")).statusCommand,
      },
      {
        name: "tail",
        summary: "Show the end of a log with local times, and follow it.",
        load: async () => (await import("./commands/tail.ts")).tailCommand,
      },
      {
        name: "start",
        summary: "Start services and wait until they stay up.",
        load: async () => (await import("./commands/start-stop.ts")).startCommand,
      },
      {
        name: "stop",
        summary: "Stop services and wait until they are down.",
        load: async () => (await import("./commands/start-stop.ts")).stopCommand,
      },
      {
        name: "restart",
        summary: "End services and wait until they are up again.",
        load: async () => (await import("./commands/start-stop.ts")).restartCommand,
      },
      {
        name: "svc",
        summary: "Send commands to supervise, as daemontools' svc does.",
        load: async () => (await import("./commands/svc.ts")).svcCommand,
      },
    ],
  },
  {
    title: "The log writer and its filters, as daemontools has them",
    commands: [
      {
        name: "multilog",
        summary: "Write standard input into rotated log directories.",
        load: async () => (await import("./commands/multilog.ts")).multilogCommand,
      },
      {
        name: "tai64n",
        summary: "Put a TAI64N label before every line.",
        load: async () => (await import("./commands/filters.ts")).tai64nCommand,
      },
      {
        name: "tai64nlocal",
        summary: "Show TAI64N labels as local time.",
        load: async () => (await import("./commands/filters.ts")).tai64nlocalCommand,
      },
    ],
  },
];

export const COMMANDS = GROUPS.flatMap(({ commands }) => commands);

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
  for (const { title, commands } of GROUPS) {
    for (const { name, summary, load } of commands) {
      const command = program.command(name).summary(summary).description(summary).helpGroup(`${title}:`);
      if (name !== wanted) continue;
      defineCommand(command, await load(), host, (code) => {
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
    .addHelpCommand(
      new Command("help").argument("[command]").summary("Print the help of a command.").helpGroup("Help:"),
    )
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
  else command.addHelpOption(helpOption(spec.options)).allowExcessArguments(false);
  const { examples = [], notes } = spec;
  if (examples.length > 0)
    command.description(
      `${command.summary()}\n\nExamples:\n${examples.map((line) => `  ${line}`).join("\n")}`,
    );
  const variables = variablesNote(spec.options);
  const after = [notes, variables].filter((text) => text !== undefined).join("\n\n");
  if (after !== "") command.addHelpText("after", () => `\n${wrapped(after, command)}`);
  addOptions(command, spec.options).action(async () => {
    const options = readOptions(command, spec.options, host.environment) as never;
    finish((await spec.run(options, command.args, host)) ?? 0);
  });
}

/** In the last of the groups. */
function helpOption(options: OptionTable): Option {
  return new Option("-h, --help", "print this help").helpGroup(groupTitle(Object.values(options).at(-1)));
}

function variablesNote(options: OptionTable): string | undefined {
  const [first] = Object.values(options);
  return first && `Every option is also a variable: --${longName(first)} is ${variableOf(first)}.`;
}

/** Within the width of the terminal; what stands beside a term stays beside it. */
function wrapped(text: string, command: Command): string {
  const width = command.configureOutput().getOutHelpWidth?.() ?? 80;
  const help = command.createHelp();
  const lines = text.split("\n").map((line) => {
    const [term = ""] = /^ {2}\S.*? {2,}|^ +/.exec(line) ?? [];
    const beside = help.boxWrap(line.slice(term.length), width - term.length);
    return term + beside.replaceAll("\n", `\n${" ".repeat(term.length)}`);
  });
  return lines.join("\n");
}

/** Commander's own words as one clause, without its `error: ` and full stops. */
function reasonOf(error: CommanderError): string {
  return error.message
    .replace(/^error: /, "")
    .replace(/\. Expected (\d+) arguments? but got (\d+)\.$/, " (expected $1, got $2)")
    .replace(/\n\((.*)\)$/s, " ($1)")
    .replaceAll("\n", " ");
}
