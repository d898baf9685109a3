import { Command, CommanderError } from "commander";
import { type CommandSpec, type Host, PROGRAM_SUMMARY } from "./cli/command.ts";
import { withCount } from "./cli/count-words.ts";
import { addHelp } from "./cli/help.ts";
import { addOptions, givenOptions, readOptions, withoutWrong } from "./cli/options.ts";
import { warnOfUnknown } from "./cli/unknown-variables.ts";
import { COMMANDS, GROUPS } from "./command-list.ts";
import { type UsageError, unableToParse } from "./system/errors.ts";
import { printText } from "./system/output.ts";
import { shell } from "./system/shell-command.ts";
import { version } from "./system/version.ts";

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
export async function runProgram(
  name: string,
  givenArgs: string[],
  caller: Omit<Host, "commands">,
): Promise<number> {
  const host: Host = { ...caller, commands: COMMANDS };
  const standIn = Object.hasOwn(STAND_INS, name) ? STAND_INS[name] : undefined;
  if (standIn) return (await standIn(givenArgs, host)) ?? 0;
  // Also for commands that take their arguments unparsed: `--help` alone asks for nothing else in any grammar.
  const args = givenArgs.length === 2 && givenArgs[1] === "--help" ? ["help", givenArgs[0]!] : givenArgs;
  const wanted = args[0] === "help" ? args[1] : args[0];
  let exitCode = 0;
  let words = args;
  const program = buildProgram();
  if (args[0] === "help") requireCommand(wanted);
  if (args[0] === "version")
    throw wrongCommandLine("unknown command 'version' (Did you mean --version?)", wanted);
  for (const { title, commands } of GROUPS) {
    for (const { name, summary, load } of commands) {
      const command = program.command(name).summary(summary).description(summary).helpGroup(`${title}:`);
      if (name !== wanted) continue;
      const spec = await load();
      if (spec.readsCount) words = withCount(args, spec.options);
      defineCommand(command, spec, host, (code) => {
        exitCode = code;
      });
    }
  }
  if (args.length === 0) {
    program.outputHelp({ error: true });
    return 100;
  }
  try {
    await program.parseAsync(words, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    throw wrongCommandLine(reasonOf(error), wanted);
  }
  return exitCode;
}

/** Commander answers `help` of a name that it does not know with the general help, as a failure without a reason. */
function requireCommand(name: string | undefined): void {
  if (name !== undefined && name !== "help" && !isCommand(name))
    throw wrongCommandLine(`unknown command '${name}'`, undefined);
}

function isCommand(name: string): boolean {
  return COMMANDS.some((entry) => entry.name === name);
}

/** Says what to type next, unless the reason names the word that may be meant. */
function wrongCommandLine(reason: string, command: string | undefined): UsageError {
  if (reason.endsWith("?)")) return unableToParse("command line", reason);
  const help =
    command !== undefined && isCommand(command) ? shell`logship ${command} --help` : shell`logship --help`;
  return unableToParse("command line", `${reason} (see ${help.text})`);
}

function buildProgram(): Command {
  return new Command("logship")
    .description(PROGRAM_SUMMARY)
    .usage("command [options]")
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
  if (spec.isRaw) command.allowUnknownOption().passThroughOptions();
  else command.allowExcessArguments(false);
  addHelp(command, spec);
  addOptions(command, spec.options).action(async () => {
    const { environment } = host;
    if (!spec.isRaw) requireNames(command.args, spec);
    if (!spec.isRaw && !spec.reportsWrongVariables) await warnOfUnknown(spec.options, host);
    const variables = spec.reportsWrongVariables ? withoutWrong(spec.options, environment) : environment;
    const options = readOptions(command, spec.options, variables) as never;
    const given = givenOptions(command, spec.options);
    finish((await spec.run(options, command.args, host, given)) ?? 0);
  });
}

/** An empty name is a variable of a shell that is not set. A prefix may be empty, as for split(1). */
function requireNames(names: readonly string[], { positional = "" }: CommandSpec): void {
  const isNamed = (index: number) => positional.split(" ")[index] !== "[prefix]";
  if (names.some((name, index) => name === "" && isNamed(index)))
    throw unableToParse("command line", "an argument is empty");
}

/** Commander's own words as one clause, without its `error: ` and full stops. */
function reasonOf(error: CommanderError): string {
  return error.message
    .replace(/^error: /, "")
    .replace(/\. Expected (\d+) arguments? but got (\d+)\.$/, " (expected $1, got $2)")
    .replace(/\n\((.*)\)$/s, " ($1)")
    .replaceAll("\n", " ");
}
