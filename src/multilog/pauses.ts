import { FatalError } from "../system/errors.ts";

/** What daemontools waits before it tries again. */
export const PAUSE_MS = 5000;
const REMINDER_MS = 60_000;

export interface Obstacles {
  /** Does the work, waiting and doing it again as long as it throws a FatalError; other errors are bugs and go on. */
  overcome<T>(work: () => T): T;
}

interface Waiting {
  /** Tells the operator what is in the way. */
  readonly warn: (text: string) => void;
  /** Blocks this thread; input stays unread meanwhile, so that memory stays bounded. */
  readonly sleep: (ms: number) => void;
}

/** Warns before every wait, as daemontools does. */
export function warnAlways({ warn, sleep }: Waiting): Obstacles {
  return retrying(({ message }) => warn(message), sleep);
}

/** Warns at the first failure and, while the same obstacle stays, once a minute with the number of tries. */
export function warnRarely({ warn, sleep }: Waiting): Obstacles {
  let last = "";
  let waitedMs = 0;
  let tries = 0;
  return retrying((error, isFirst) => {
    if (isFirst || error.message !== last) {
      warn(error.message);
      last = error.message;
      waitedMs = 0;
      tries = 1;
    } else {
      waitedMs += PAUSE_MS;
      tries++;
      if (waitedMs % REMINDER_MS === 0) warn(`${error.message} (tried ${tries} times)`);
    }
  }, sleep);
}

function retrying(
  report: (error: FatalError, isFirst: boolean) => void,
  sleep: (ms: number) => void,
): Obstacles {
  return {
    overcome(work) {
      for (let isFirst = true; ; isFirst = false) {
        try {
          return work();
        } catch (error) {
          if (!(error instanceof FatalError)) throw error;
          report(error, isFirst);
          sleep(PAUSE_MS);
        }
      }
    },
  };
}
