import { defineCommand, type Host } from "../cli/command.ts";
import { optionOr } from "../cli/options.ts";
import { servicesOf, servicesOption } from "../cli/services-option.ts";
import { findService } from "../supervise/services.ts";
import { formatStatus, readStatus } from "../supervise/status.ts";
import { type Outcome, type Patience, restart, start, stop } from "../supervise/transition.ts";
import { writeOutput } from "../system/output.ts";
import { printable } from "../system/printable.ts";
import { parseDuration } from "../system/quantity.ts";

const options = {
  timeout: optionOr("--timeout <duration>", "give up waiting after so long", parseDuration, "30s"),
  services: servicesOption,
};

export const startCommand = defineTransition("start", start);
export const stopCommand = defineTransition("stop", stop);
export const restartCommand = defineTransition("restart", restart);

function defineTransition(name: string, move: (service: string, patience: Patience) => Promise<Outcome[]>) {
  return defineCommand({
    positional: "<dir...>",
    examples: [`logship ${name} requisitions`],
    notes: "DIR is a service and its logger: its name in the directory of services, or a path.",
    options,
    run: async ({ timeout, services }, names, host) => {
      const elapsed = () => performance.now();
      const patience = { timeoutMs: timeout, now: Date.now, elapsed, sleep: Bun.sleep };
      const directories = names.map((n) => findService(n, servicesOf(services)));
      const outcomes = await Promise.all(directories.map((directory) => move(directory, patience)));
      return report(outcomes.flat(), host);
    },
  });
}

function report(outcomes: Outcome[], host: Host): number {
  let exitCode = 0;
  for (const { directory, problem } of outcomes) {
    if (problem === undefined) {
      writeOutput(printable(`${directory}: ${formatStatus(readStatus(directory), Date.now())}`).concat("\n"));
    } else {
      host.messages.warning(problem);
      exitCode = 111;
    }
  }
  return exitCode;
}
