import { existsSync, readFileSync } from "node:fs";
import { shippedSources } from "../ship/overview.ts";
import { complaints, exitCodeOf, glanceAt, inspectService, type ServiceReport } from "../supervise/report.ts";
import { reportObject, shippedObject } from "../supervise/report-json.ts";
import { reportText, shippedText } from "../supervise/report-text.ts";
import { RestartCounter } from "../supervise/restart-counter.ts";
import { findService, listServices, withLog } from "../supervise/services.ts";
import { UsageError, unableTo } from "../system/errors.ts";
import { printable } from "../system/message.ts";
import { untilReaderLeaves } from "../system/output.ts";
import { LocalTime } from "../tai64n/local-time.ts";
import { openTimeZone } from "../time/time-zone.ts";
import { defineCommand } from "./command.ts";
import { flag } from "./options.ts";
import { servicesOf, servicesOption } from "./services-option.ts";
import { readableStateDirectory, stateOption } from "./state-option.ts";

const REDRAW_EVERY_MS = 1000;

export const statusCommand = defineCommand({
  positional: "[dir...]",
  examples: ["logship status", "logship status --verbose /service/requisitions", "logship status --watch"],
  notes: `Without directories: all services, each with its log. The first line of each is what svstat prints.
Exit code: 0 if all are up, 1 if some are not, 111 if some could not be looked at.`,
  options: {
    verbose: flag("-v, --verbose", "also show processes, logs, the last upload and the last trouble"),
    json: flag("--json", "print one JSON array with all that is known"),
    watch: flag("-w, --watch", "show it anew each second"),
    services: servicesOption,
    state: stateOption,
  },
  async run({ verbose, json, watch, services, state }, names, host) {
    if (watch && (json || !process.stdout.isTTY))
      throw new UsageError("unable to watch services: standard output is not a terminal");
    const root = servicesOf(services);
    const localTime = new LocalTime(openTimeZone(host.environment.TZ, readFileSync));
    const counter = watch ? new RestartCounter() : undefined;
    const isDetailed = verbose || json;
    const shippedNow = () =>
      isDetailed ? shippedSources(readableStateDirectory(state, host), Date.now()) : [];
    const inspect = (): ServiceReport[] => {
      const shipped = shippedNow();
      const isAll = names.length === 0;
      const directories = isAll
        ? allServices(root, shipped.length > 0)
        : names.map((n) => findService(n, root));
      return directories.map((directory) =>
        isDetailed ? inspectService(directory, Date.now(), shipped) : glanceAt(directory, Date.now()),
      );
    };
    /** What is shipped by no service that is shown. */
    const others = (reports: readonly ServiceReport[]) => {
      const shown = new Set(reports.flatMap(({ ships }) => ships.map(({ source }) => source)));
      return names.length > 0 ? [] : shippedNow().filter(({ source }) => !shown.has(source));
    };
    const textOf = (reports: ServiceReport[]) => {
      const texts = reports.map((report) => {
        const restarts = counter ? `  restarts seen: ${counter.count(report)}\n` : "";
        return reportText(report, verbose, Date.now(), localTime) + restarts;
      });
      texts.push(...others(reports).map((source) => `${shippedText(source, localTime)}\n`));
      const said = verbose ? complaints() : undefined;
      return texts.join("") + (said === undefined ? "" : `svscan's messages: ${printable(said)}\n`);
    };
    return untilReaderLeaves(async (write) => {
      let reports = inspect();
      for (; watch; await Bun.sleep(REDRAW_EVERY_MS), reports = inspect()) {
        write(redraw(textOf(reports)));
      }
      if (json)
        write(
          `${JSON.stringify(
            [
              ...reports.map((report) => reportObject(report, Date.now())),
              ...others(reports).map((source) => ({ service: null, ships: [shippedObject(source)] })),
            ],
            null,
            2,
          )}\n`,
        );
      else write(textOf(reports));
      return exitCodeOf(reports);
    });
  },
});

/** @param mayBeNone There is something else to show. */
function allServices(root: string, mayBeNone: boolean): string[] {
  if (mayBeNone && !existsSync(root)) return [];
  const services = listServices(root);
  if (services.length === 0 && !mayBeNone) throw unableTo("find services in", root, "there are none");
  return services.flatMap(withLog);
}

/** Writes over what is on the terminal from its top, without flicker. */
function redraw(text: string): string {
  return `\x1b[H${text.replaceAll("\n", "\x1b[K\n")}\x1b[J`;
}
