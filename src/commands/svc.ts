import { defineCommand, type Host } from "../cli/command.ts";
import { servicesOf } from "../cli/services-option.ts";
import { control } from "../supervise/control.ts";
import { lettersHelp, MEANINGS, parseSvcArguments } from "../supervise/letters.ts";
import { findService } from "../supervise/services.ts";
import { unableToParse } from "../system/errors.ts";
import { printLine, printMessage } from "../system/message.ts";

/** `svc -letters dir...` as daemontools has it: exit code 0 whatever happens to a directory. */
export async function standInSvc(args: string[], host: Host): Promise<number> {
  const parsed = parseSvcArguments(args);
  if (parsed.kind === "illegal") {
    printLine(`${host.program}: illegal option -- ${parsed.option}`);
    printLine(`svc options: ${lettersHelp}`);
    return 100;
  }
  for (const directory of parsed.directories) {
    const refusal = control(directory, parsed.letters, "anything");
    if (refusal !== undefined) printMessage("svc", "warning", refusal.problem);
  }
  return 0;
}

/** `logship svc`: as svc, but what could not be controlled shows in the exit code. */
export const svcCommand = defineCommand({
  positional: "[-udopchaitkx] [dir...]",
  isRaw: true,
  options: {},
  examples: ["logship svc -t /service/requisitions/log"],
  terms: {
    title: "Letters",
    rows: Object.entries(MEANINGS).map(([letter, meaning]) => [`-${letter}`, meaning]),
  },
  run: async (_options, args, host) => {
    const parsed = parseSvcArguments(args);
    if (parsed.kind === "illegal")
      throw unableToParse(`svc option -${parsed.option}`, `must be one of ${lettersHelp}`);
    if (parsed.letters === "") throw unableToParse("command line", "svc needs letters such as -d");
    if (parsed.directories.length === 0) throw unableToParse("command line", "svc needs a service directory");
    const services = servicesOf(host.environment.LOGSHIP_SERVICES);
    const refusals = parsed.directories
      .map((name) => control(findService(name, services), parsed.letters, "fifo"))
      .filter((refusal) => refusal !== undefined);
    for (const { problem } of refusals) host.messages.warning(problem);
    return refusals.length > 0 ? 111 : 0;
  },
});
