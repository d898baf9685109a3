import { control } from "./control.ts";
import { withLog } from "./services.ts";
import { ageMs, formatStatus, readStatus, type ServiceState, type ServiceStatus } from "./status.ts";

/** How long and with what to wait until a service is as it was asked to be. */
export interface Patience {
  readonly timeoutMs: number;
  /** The clock that supervise stamps with, in ms of Unix time. */
  readonly now: () => number;
  /** A clock in ms that nobody sets. */
  readonly elapsed: () => number;
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

/**
 * Ends a service and its logger and waits until both are up again as new processes; starts what is down, and waits for a
 * supervise as `start()` does.
 */
export async function restart(service: string, patience: Patience): Promise<Outcome[]> {
  return Promise.all(withLog(service).map((directory) => restartOne(directory, patience)));
}

async function startOne(directory: string, patience: Patience, verb = "start"): Promise<Outcome> {
  const settled = new Settled(patience);
  let isAsked = false;
  return waitUntil(directory, verb, patience, (status) => {
    // svscan may be about to start a supervise, but nobody is about to give us a right, or to make the directory.
    if (status.kind === "unreadable" && status.isDenied)
      return `unable to ${verb} ${directory}: access denied: type sudo before it`;
    if (status.kind === "unreadable" && status.isMissing)
      return `unable to ${verb} ${directory}: there is no such service (see logship status)`;
    if (status.kind !== "supervised") return false;
    if (!isAsked) {
      const refusal = control(directory, "u", "fifo");
      if (refusal !== undefined && !refusal.isGone) return refusal.problem;
      isAsked = refusal === undefined;
    }
    return isAsked && settled.look(status.state);
  });
}

async function stopOne(directory: string, patience: Patience): Promise<Outcome> {
  const refusal = control(directory, "d", "fifo");
  if (refusal !== undefined) return { directory, problem: refusal.problem };
  return waitUntil(directory, "stop", patience, (status) => {
    return status.kind === "supervised" && status.state.pid === 0 && status.state.want === "down";
  });
}

async function restartOne(directory: string, patience: Patience): Promise<Outcome> {
  const before = readStatus(directory);
  if (before.kind !== "supervised" || before.state.pid === 0) return startOne(directory, patience, "restart");
  // A stopped process takes its TERM only once it is continued.
  const refusal = control(directory, "utc", "fifo");
  if (refusal !== undefined) return { directory, problem: refusal.problem };
  const settled = new Settled(patience);
  return waitUntil(directory, "restart", patience, (status) => {
    return (
      status.kind === "supervised" && !isSameRun(status.state, before.state) && settled.look(status.state)
    );
  });
}

function isSameRun(a: ServiceState, b: ServiceState): boolean {
  return a.pid === b.pid && a.changed.unixSeconds === b.changed.unixSeconds;
}

/** Tells whether a program stays up, also while somebody sets the clock that supervise stamps with. */
class Settled {
  readonly #patience: Patience;
  #first: { readonly state: ServiceState; readonly atMs: number } | undefined;

  constructor(patience: Patience) {
    this.#patience = patience;
  }

  look(state: ServiceState): boolean {
    if (state.pid === 0 || state.want === "down") return false;
    const { now, elapsed } = this.#patience;
    if (this.#first === undefined) {
      this.#first = { state, atMs: elapsed() };
      return ageMs(state, now()) >= SETTLED_MS;
    }
    if (!isSameRun(state, this.#first.state)) this.#first = { state, atMs: elapsed() };
    return elapsed() - this.#first.atMs >= SETTLED_MS;
  }
}

/** @param isSo True if it is so, false if it may become so, or why it never will. */
async function waitUntil(
  directory: string,
  verb: string,
  patience: Patience,
  isSo: (status: ServiceStatus) => boolean | string,
): Promise<Outcome> {
  const endMs = patience.elapsed() + patience.timeoutMs;
  for (;;) {
    const status = readStatus(directory);
    const answer = isSo(status);
    if (answer === true) return { directory, problem: undefined };
    if (answer !== false) return { directory, problem: answer };
    if (patience.elapsed() >= endMs) {
      const text = formatStatus(status, patience.now());
      const remedy =
        status.kind === "unsupervised" ? ": svscan starts it, systemctl start daemontools starts svscan" : "";
      const seconds = patience.timeoutMs / 1000;
      return {
        directory,
        problem: `unable to ${verb} ${directory}: after ${seconds}s still ${text}${remedy}`,
      };
    }
    await patience.sleep(LOOK_EVERY_MS);
  }
}
