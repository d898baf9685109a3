import { readFileSync } from "node:fs";
import { complaints, exitCodeOf, glanceAt, inspectService, type ServiceReport } from "../supervise/report.ts";
import { reportObject } from "../supervise/report-json.ts";
import { reportText } from "../supervise/report-text.ts";
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

const REDRAW_EVERY_MS = 1000;

export const statusCommand = defineCommand({
  positional: "[dir...]",
  epilogue: `Without directories: all services, each with its log. The first line of each is what svstat prints.
Exit code: 0 if all are up, 1 if some are not, 111 if some could not be looked at.`,
  options: {
    verbose: flag("-v, --verbose", "also show processes, logs, the last upload and the last trouble"),
    json: flag("--json", "print one JSON array with all that is known"),
    watch: flag("-w, --watch", "show it anew each second"),
    services: servicesOption,
  },
  async run({ verbose, json, watch, services }, names, host) {
    if (watch && (json || !process.stdout.isTTY))
      throw new UsageError("unable to watch services: standard output is not a terminal");
    const root = servicesOf(services);
    const localTime = new LocalTime(openTimeZone(host.environment.TZ, readFileSync));
    const counter = watch ? new RestartCounter() : undefined;
    const inspect = (): ServiceReport[] => {
      const directories = names.length > 0 ? names.map((n) => findService(n, root)) : allServices(root);
      const look = verbose || json ? inspectService : glanceAt;
      return directories.map((directory) => look(directory, Date.now()));
    };
    const textOf = (reports: ServiceReport[]) => {
      const texts = reports.map((report) => {
        const restarts = counter ? `  restarts seen: ${counter.count(report)}\n` : "";
        return reportText(report, verbose, Date.now(), localTime) + restarts;
      });
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
            reports.map((report) => reportObject(report, Date.now())),
            null,
            2,
          )}\n`,
        );
      else write(textOf(reports));
      return exitCodeOf(reports);
    });
  },
});

function allServices(root: string): string[] {
  const services = listServices(root);
  if (services.length === 0) throw unableTo("find services in", root, "there are none");
  return services.flatMap(withLog);
}

/** Writes over what is on the terminal from its top, without flicker. */
function redraw(text: string): string {
  return `\x1b[H${text.replaceAll("\n", "\x1b[K\n")}\x1b[J`;
}
