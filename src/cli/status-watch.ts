import type { ShippedSource } from "../ship/overview.ts";
import { type DashboardContent, dashboardLines } from "../supervise/dashboard.ts";
import { ServiceWatch } from "../supervise/service-watch.ts";
import { FatalError, UsageError } from "../system/errors.ts";
import { FullScreen } from "../system/full-screen.ts";
import { sleep } from "../system/sleep.ts";
import type { LocalTime } from "../tai64n/local-time.ts";
import type { Host } from "./command.ts";

const REFRESH_EVERY_MS = 1000;

/** What is to be watched. */
export interface WatchRequest {
  /** The services and their loggers. @throws FatalError */
  directories(): string[];
  shipped(): ShippedSource[];
  readonly localTime: LocalTime;
}

/** Whether standard output is a screen that can be drawn on. @throws UsageError that says what to do instead */
export function requireScreen({ environment }: Host): void {
  const reason = !process.stdout.isTTY
    ? "standard output is not a terminal"
    : environment.TERM === "dumb"
      ? "this terminal (TERM=dumb) shows lines only"
      : undefined;
  if (reason !== undefined)
    throw new UsageError(`unable to watch services: ${reason}; logship status --verbose shows them once`);
}

/**
 * Shows services on the whole screen, anew each second, until the person has seen enough.
 *
 * @throws FatalError if they cannot be looked at from the beginning
 */
export async function watchServices(request: WatchRequest, { environment }: Host): Promise<void> {
  const watch = new ServiceWatch();
  let directories = request.directories();
  const look = (): DashboardContent => {
    const nowMs = Date.now();
    let problem: string | undefined;
    try {
      directories = request.directories();
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      problem = error.message;
    }
    return {
      services: watch.services(directories, nowMs),
      sources: watch.sources(request.shipped(), nowMs),
      problem,
      nowMs,
    };
  };
  let content = look();
  const screen: FullScreen = new FullScreen(() =>
    dashboardLines(content, {
      columns: screen.columns,
      rows: screen.rows,
      hasColour: !environment.NO_COLOR,
      isUnicode: /utf-?8/i.test(environment.LC_ALL || environment.LC_CTYPE || environment.LANG || ""),
      localTime: request.localTime,
    }),
  );
  screen.open();
  try {
    while (!screen.ended.aborted) {
      await sleep(REFRESH_EVERY_MS, screen.ended).catch(() => {});
      if (screen.ended.aborted) break;
      content = look();
      screen.refresh();
    }
  } finally {
    screen.close();
  }
}
