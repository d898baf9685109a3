import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { defineCommand, type Host } from "../cli/command.ts";
import { destinationOptions, destinationUrl, settingsFor } from "../cli/destination-options.ts";
import { flag, inGroup, type OptionValues, variableOf, variableProblem } from "../cli/options.ts";
import { servicesOf, servicesOption } from "../cli/services-option.ts";
import { readableStateDirectory, stateOption } from "../cli/state-option.ts";
import { DestinationError } from "../destination/destination.ts";
import { openDestination } from "../destination/open.ts";
import { openReader } from "../destination/open-reader.ts";
import type { DestinationUrl } from "../destination/url.ts";
import { type Check, diagnose } from "../doctor/diagnose.ts";
import { checkDirectory } from "../doctor/directory.ts";
import { exitCodeOf, type Finding, failed, jsonOf, lineOf } from "../doctor/finding.ts";
import { hostChecks } from "../doctor/host-checks.ts";
import { serviceChecks } from "../doctor/service-checks.ts";
import { checkSettings, type KnownVariable } from "../doctor/settings.ts";
import { endDescendants } from "../supervise/process-list.ts";
import { UsageError } from "../system/errors.ts";
import { untilReaderLeaves } from "../system/output.ts";
import { shell } from "../system/shell-command.ts";

/** All together takes less than 10 s, with what it takes to start and to end. */
const DEADLINE_MS = 8500;
/** Requests end before, so that there is time to tell what they have left behind. */
const LAST_ANSWER_MS = 8000;
/** For each source that may be silent, of which no more than two are waited for one after the other. */
const PATIENCE_MS = 3500;

const options = {
  ...inGroup("What to look at", {
    offline: flag("--offline", "leave out the destination and all that needs the network"),
    services: servicesOption,
    state: stateOption,
  }),
  ...destinationOptions,
};

type Chosen = OptionValues<typeof options>;

export const doctorCommand = defineCommand({
  examples: [
    "logship doctor",
    "logship doctor --to s3://my-logs/2017",
    "logship doctor --offline --json",
    "sudo envdir /service/requisitions/env logship doctor",
  ],
  notes: `Each line begins with ok, warning or failed, and ends with the command that mends it. With a destination it stores one small object, _logship-doctor-ID, and deletes it again; else it changes nothing. It takes at most 10 s.
A service has its settings in its env/: envdir gives them to doctor, as the last example shows.
Exit code: 0 if nothing has failed, 1 if something has, 111 if something could not be looked at.`,
  options: {
    ...options,
    json: { ...destinationOptions.json, help: "print each finding as a line of JSON" },
  },
  reportsWrongVariables: true,
  async run(chosen, _args, host, given) {
    const [answers, deadline] = [endOf(LAST_ANSWER_MS), endOf(DEADLINE_MS)];
    const sudo = process.getuid?.() === 0 ? shell`` : shell`sudo `;
    const known = await knownVariables(host);
    const url = chosen.offline ? undefined : await urlOrFinding(chosen, host);
    const checks: Check[] = [
      ...hostChecks(() => pathsOf(chosen, host, url), host.environment.TZ),
      { name: "setting", remedy: shell`env`, run: () => checkSettings(known, given, host.environment) },
      ...(await destinationChecks(chosen, host, url, answers)),
      ...serviceChecks(servicesOf(chosen.services), () => readableStateDirectory(chosen.state, host), sudo),
    ];
    const findings: Finding[] = [];
    const exitCode = await untilReaderLeaves(async (write) => {
      for await (const finding of diagnose(checks, deadline)) {
        findings.push(finding);
        if (chosen.quiet && finding.verdict === "ok") continue;
        write(chosen.json ? jsonOf(finding) : lineOf(finding));
      }
      return exitCodeOf(findings);
    });
    endDescendants(process.pid);
    // What hangs, such as a program for credentials or a name server, would keep the program alive. All output is written.
    process.exit(exitCode);
  },
});

/** As requests are to fail when their time is over. */
function endOf(ms: number): AbortSignal {
  const controller = new AbortController();
  const late = new DestinationError("no answer in time", true, undefined, "endpoint");
  setTimeout(() => controller.abort(late), ms);
  return controller.signal;
}

/** The disks of what logship works with. */
function pathsOf(chosen: Chosen, host: Host, url: DestinationUrl | Finding | undefined): string[] {
  const destination = url && "kind" in url && url.kind === "directory" ? [url.path] : [];
  return ["/", readableStateDirectory(chosen.state, host), servicesOf(chosen.services), ...destination];
}

async function destinationChecks(
  chosen: Chosen,
  host: Host,
  url: DestinationUrl | Finding | undefined,
  signal: AbortSignal,
): Promise<Check[]> {
  if (url === undefined) return [];
  if (!("kind" in url)) return [{ name: "destination", remedy: shell`env`, run: () => [url] }];
  const { messages } = host;
  const patiently = (ms: number) => Math.min(ms, PATIENCE_MS);
  const settings = {
    ...settingsFor(chosen, host),
    timeoutMs: patiently(chosen.timeout),
    connectTimeoutMs: patiently(chosen.connectTimeout),
  };
  const mayCreate = chosen.createBucket;
  if (url.kind === "directory") {
    const destination = await openDestination(url, { ...settings, mayCreateBucket: false }, messages);
    const look = { path: url.path, destination, reader: await openReader(url, settings), mayCreate };
    return [
      { name: "directory", remedy: shell`ls -ld ${url.path}`, run: () => checkDirectory(look, signal) },
    ];
  }
  const { s3Checks } = await import("../doctor/s3-checks.ts");
  return s3Checks({ ...url, settings, messages, patienceMs: PATIENCE_MS, now: Date.now }, signal);
}

async function urlOrFinding(chosen: Chosen, host: Host): Promise<DestinationUrl | Finding> {
  try {
    return await destinationUrl(chosen, host);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const service = configuredService(servicesOf(chosen.services), host);
    const remedy = service
      ? shell`sudo envdir ${service}/env logship doctor`
      : shell`logship doctor --to s3://BUCKET`;
    return failed("destination", error.message.replace("unable to parse destination: ", ""), remedy);
  }
}

/** A service whose settings are its own, and not those that whoever asks has been given already. */
function configuredService(root: string, { environment }: Host): string | undefined {
  try {
    const services = readdirSync(root)
      .sort()
      .map((name) => join(root, name));
    return services.find(
      (service) => existsSync(join(service, "env")) && !isGiven(join(service, "env"), environment),
    );
  } catch {
    return undefined;
  }
}

/** Whether envdir has put all of it into the environment. */
function isGiven(directory: string, environment: Host["environment"]): boolean {
  try {
    const names = readdirSync(directory).filter((name) => !name.startsWith("."));
    return names.length > 0 && names.every((name) => environment[name] !== undefined);
  } catch {
    return false; // root's alone
  }
}

/** What the variables of this host may be meant for. */
async function knownVariables({ commands }: Host): Promise<KnownVariable[]> {
  const specs = await Promise.all(
    commands.map(async ({ name, load }) => ({
      command: name,
      options: Object.values((await load()).options),
    })),
  );
  const names = new Set(specs.flatMap(({ options }) => options.map(variableOf)));
  return [...names].map((name) => ({
    name,
    problems: (text) =>
      specs.flatMap(({ command, options }) => {
        const option = options.find((candidate) => variableOf(candidate) === name);
        const reason = option && variableProblem(option, text);
        return reason === undefined ? [] : [{ command, reason }];
      }),
  }));
}
