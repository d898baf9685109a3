import { control } from "./control.ts";
import { withLog } from "./services.ts";
import { ageMs, formatStatus, readStatus, type ServiceState, type ServiceStatus } from "./status.ts";

/** How long and with what to wait until a service is as it was asked to be. */
export interface Patience {
  readonly timeoutMs: number;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<unknown>;
}

/** Why a directory is not as it was asked to be; undefined if it is. */
export type Outcome = { readonly directory: string; readonly problem: string | undefined };

/**
 * supervise looks at nothing for 1020 ms after a start, so a program that died at once still counts as up.
 * Only one that has its pid for longer has really started.
 */
const SETTLED_MS = 1100;
const LOOK_EVERY_MS = 20;

/**
 * Starts a service and its logger and waits until both have stayed up for a second.
 * A supervise that svscan has yet to start is waited for.
 */
export async function start(service: string, patience: Patience): Promise<Outcome[]> {
  return Promise.all(withLog(service).map((directory) => startOne(directory, patience)));
}

/** Stops a service and then its logger, so that the logger still takes the last lines. */
export async function stop(service: string, patience: Patience): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const directory of withLog(service)) outcomes.push(await stopOne(directory, patience));
  return outcomes;
}

/** Ends a service and its logger and waits until both are up again as new processes; starts what is down. */
export async function restart(service: string, patience: Patience): Promise<Outcome[]> {
  return Promise.all(withLog(service).map((directory) => restartOne(directory, patience)));
}

async function startOne(directory: string, patience: Patience): Promise<Outcome> {
  let isAsked = false;
  return waitUntil(directory, "start", patience, (status) => {
    if (status.kind !== "supervised") return false;
    if (!isAsked) isAsked = control(directory, "u") === undefined;
    return isAsked && isSettled(status.state, patience.now());
  });
}

async function stopOne(directory: string, patience: Patience): Promise<Outcome> {
  const problem = control(directory, "d");
  if (problem !== undefined) return { directory, problem };
  return waitUntil(directory, "stop", patience, (status) => {
    return status.kind === "supervised" && status.state.pid === 0 && status.state.want === "down";
  });
}

async function restartOne(directory: string, patience: Patience): Promise<Outcome> {
  const before = readStatus(directory);
  if (before.kind !== "supervised")
    return { directory, problem: `unable to restart ${directory}: ${before.problem}` };
  if (before.state.pid === 0) return startOne(directory, patience);
  // A stopped process takes its TERM only once it is continued.
  const problem = control(directory, "utc");
  if (problem !== undefined) return { directory, problem };
  return waitUntil(directory, "restart", patience, (status) => {
    if (status.kind !== "supervised" || !isSettled(status.state, patience.now())) return false;
    return (
      status.state.pid !== before.state.pid ||
      status.state.changed.unixSeconds !== before.state.changed.unixSeconds
    );
  });
}

function isSettled(state: ServiceState, nowMs: number): boolean {
  return state.pid !== 0 && state.want !== "down" && ageMs(state, nowMs) >= SETTLED_MS;
}

async function waitUntil(
  directory: string,
  verb: string,
  patience: Patience,
  isSo: (status: ServiceStatus) => boolean,
): Promise<Outcome> {
  const endMs = patience.now() + patience.timeoutMs;
  for (;;) {
    const status = readStatus(directory);
    if (isSo(status)) return { directory, problem: undefined };
    if (patience.now() >= endMs) {
      const text = formatStatus(status, patience.now());
      const seconds = patience.timeoutMs / 1000;
      return { directory, problem: `unable to ${verb} ${directory}: after ${seconds}s still ${text}` };
    }
    await patience.sleep(LOOK_EVERY_MS);
  }
}
