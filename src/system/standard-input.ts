import { readdirSync, readlinkSync, readSync } from "node:fs";
import { errnoName } from "./errno.ts";
import { isNonBlocking, type Poll, pollOf, releaseProgramCode, unblockSignals } from "./libc.ts";

/**
 * Standard input as a program has to read it that must neither miss a signal nor lose input to one. Reads are
 * synchronous, so no byte is ever taken from the pipe without being handed over; the waiting, which signals interrupt,
 * is a `poll(2)` of standard input together with the descriptor on which the runtime's event loop itself waits.
 */
export interface StandardInput {
  /**
   * Waits until there is input, the end of it, or a signal; the handlers of the signal have run when this returns.
   *
   * @returns true if `read()` will not wait
   */
  isReady(): Promise<boolean>;
  /**
   * Reads up to `length` bytes.
   *
   * @returns the number of bytes, 0 at the end; undefined if there is nothing to read after all
   */
  read(target: Buffer, from: number, length: number): number | undefined;
}

const STDIN = 0;
const INPUT = 1;
/** How often memory is given back that the reading loop no longer needs; at first, while it is compiled, four times as often. */
const OFTEN_READS = 1024;
/** When nothing has come for so long, memory is given back as well. */
const QUIET_MS = 1000;
/** Only if the event loop cannot be found: how long a signal may go unnoticed that came just before the wait. */
const BLIND_WAIT_MS = 500;

/**
 * @param endsWhenEmpty Reading an empty non-blocking standard input fails, as it does for daemontools, instead of
 *   waiting for input.
 */
export function openStandardInput(endsWhenEmpty: boolean): StandardInput {
  const eventLoop = findEventLoop();
  const poll: Poll = pollOf(eventLoop === undefined ? [STDIN] : [STDIN, eventLoop]);
  const waitMs = eventLoop === undefined ? BLIND_WAIT_MS : -1;
  /** Until memory is given back for the first time after a read. */
  let timeoutMs = waitMs;
  let reads = 0;
  releaseProgramCode();
  return {
    async isReady() {
      // Asked each time, because the flag belongs to everyone who has the same file open.
      const waits = !endsWhenEmpty || !isNonBlocking(STDIN);
      let ready = poll(waits ? timeoutMs : 0);
      if (waits && ready === 0 && timeoutMs === QUIET_MS) {
        releaseMemory();
        timeoutMs = waitMs;
        ready = poll(timeoutMs);
      }
      if (ready !== INPUT) await runHandlers();
      return !waits || (ready & INPUT) !== 0;
    },
    read(target, from, length) {
      if (++reads % (reads < OFTEN_READS ? OFTEN_READS / 4 : OFTEN_READS) === 0) releaseMemory();
      timeoutMs = QUIET_MS;
      try {
        return readSync(STDIN, target, from, length, null);
      } catch (error) {
        const name = errnoName(error);
        if (name === "EINTR" || (name === "EAGAIN" && !endsWhenEmpty)) return undefined;
        throw error;
      }
    },
  };
}

/** Calls a handler for a signal, even one that the parent had ignored or blocked. */
export function onSignal(name: NodeJS.Signals, handler: () => void): void {
  process.on(name, handler);
  unblockSignals(name);
}

/** Without this the program would occupy 60 MB instead of 45 while much is read. */
function releaseMemory(): void {
  Bun.gc(true);
  releaseProgramCode();
}

function runHandlers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The epoll descriptor of the runtime: it becomes ready when a signal handler waits to be run. */
function findEventLoop(): number | undefined {
  for (const name of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${name}`) === "anon_inode:[eventpoll]") return Number(name);
    } catch {
      // The descriptor of the listing itself.
    }
  }
  return undefined;
}
