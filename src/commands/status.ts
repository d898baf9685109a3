import { existsSync } from "node:fs";
import { defineCommand } from "../cli/command.ts";
import { flag } from "../cli/options.ts";
import { servicesOf, servicesOption } from "../cli/services-option.ts";
import { readableStateDirectory, stateOption } from "../cli/state-option.ts";
import { type ShippedSource, shippedSources } from "../ship/overview.ts";
import { complaints, exitCodeOf, glanceAt, inspectService, type ServiceReport } from "../supervise/report.ts";
import { reportObject, shippedObject } from "../supervise/report-json.ts";
import { reportText, shippedText } from "../supervise/report-text.ts";
import { findService, listServices, withLog } from "../supervise/services.ts";
import { UsageError, unableTo } from "../system/errors.ts";
import { untilReaderLeaves } from "../system/output.ts";
import { jsonText, printable } from "../system/printable.ts";
import { contentOrNothing } from "../system/regular-file.ts";
import { LocalTime } from "../tai64n/local-time.ts";
import { openTimeZone } from "../time/time-zone.ts";

export const statusCommand = defineCommand({
  positional: "[dir...]",
  examples: ["logship status", "logship status --verbose /service/requisitions", "logship status --watch"],
  notes: `Without directories: all services, each with its log. The first line of each is what daemontools' svstat prints.
--watch: up or down since when, restarts seen, what was written to each log lately, what is shipped, and the last trouble.
Exit code: 0 if all are up, 1 if some are not, 111 if some could not be looked at.`,
  options: {
    verbose: flag("-v, --verbose", "also show processes, logs, the last upload and the last trouble"),
    json: flag("--json", "print one JSON array with all that is known"),
    watch: flag("-w, --watch", "a dashboard of the whole screen, anew each second; q ends it"),
    services: servicesOption,
    state: stateOption,
  },
  async run({ verbose, json, watch, services, state }, names, host) {
    if (watch && json) throw new UsageError("unable to watch services: --json prints them once");
    const watching = watch ? await import("../cli/status-watch.ts") : undefined;
    watching?.requireScreen(host);
    const root = servicesOf(services);
    const localTime = new LocalTime(openTimeZone(host.environment.TZ, contentOrNothing));
    const isDetailed = verbose || json;
    const shipped = () => shippedSources(readableStateDirectory(state, host), Date.now());
    const directoriesBeside = (others: readonly ShippedSource[]) =>
      names.length > 0 ? names.map((n) => findService(n, root)) : allServices(root, others.length > 0);
    if (watching) {
      await watching.watchServices(
        { directories: () => directoriesBeside(shipped()), shipped, localTime },
        host,
      );
      return 0;
    }
    const shippedNow = isDetailed ? shipped() : [];
    const reports = directoriesBeside(shippedNow).map((directory) =>
      isDetailed ? inspectService(directory, Date.now(), shippedNow) : glanceAt(directory, Date.now()),
    );
    /** What is shipped by no service that is shown. */
    const shown = new Set(reports.flatMap(({ ships }) => ships.map(({ source }) => source)));
    const others = names.length > 0 ? [] : shippedNow.filter(({ source }) => !shown.has(source));
    return untilReaderLeaves(async (write) => {
      write(json ? jsonOf(reports, others) : textOf(reports, others, verbose, localTime));
      return exitCodeOf(reports);
    });
  },
});

function textOf(
  reports: readonly ServiceReport[],
  others: readonly ShippedSource[],
  isVerbose: boolean,
  localTime: LocalTime,
): string {
  const texts = reports.map((report) => reportText(report, isVerbose, Date.now(), localTime));
  texts.push(...others.map((source) => `${shippedText(source, localTime)}\n`));
  const said = isVerbose ? complaints() : undefined;
  return texts.join("") + (said === undefined ? "" : `svscan's messages: ${printable(said)}\n`);
}

function jsonOf(reports: readonly ServiceReport[], others: readonly ShippedSource[]): string {
  const objects = [
    ...reports.map((report) => reportObject(report, Date.now())),
    ...others.map((source) => ({ service: null, ships: [shippedObject(source)] })),
  ];
  return `${jsonText(objects, 2)}\n`;
}

/** @param mayBeNone There is something else to show. */
function allServices(root: string, mayBeNone: boolean): string[] {
  if (mayBeNone && !existsSync(root)) return [];
  const services = listServices(root);
  if (services.length === 0 && !mayBeNone)
    throw unableTo("find services in", root, "there are none; logship setup makes one");
  return services.flatMap(withLog);
}
