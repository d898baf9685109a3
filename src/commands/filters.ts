import { readSync } from "node:fs";
import { defineCommand, type Host } from "../cli/command.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import { restoreSignal } from "../system/libc.ts";
import { writeOutput } from "../system/output.ts";
import { contentOrNothing } from "../system/regular-file.ts";
import { shownOn } from "../system/shown.ts";
import { realTime } from "../tai64n/clock.ts";
import { type Filter, runFilter } from "../tai64n/filter.ts";
import { LocalTimeFilter } from "../tai64n/local-filter.ts";
import { LocalTime } from "../tai64n/local-time.ts";
import { StampFilter } from "../tai64n/stamp-filter.ts";
import { openTimeZone } from "../time/time-zone.ts";

type MakeFilter = (host: Host, write: (data: Uint8Array) => void) => Filter;

const stamp: MakeFilter = (_host, write) => new StampFilter(realTime, write);

const showLocalTime: MakeFilter = ({ environment }, write) => {
  const zone = openTimeZone(environment.TZ, contentOrNothing);
  return new LocalTimeFilter(new LocalTime(zone), write);
};

export const tai64nCommand = commandOf(stamp);
export const tai64nlocalCommand = commandOf(showLocalTime);
export const standInTai64n = standInOf(stamp);
export const standInTai64nlocal = standInOf(showLocalTime);

function commandOf(makeFilter: MakeFilter) {
  return defineCommand({
    options: {},
    run: async (_options, _args, host) => {
      filterInput(makeFilter, host);
      return 0;
    },
  });
}

/** daemontools' own: takes any arguments, and says nothing when it fails. */
function standInOf(makeFilter: MakeFilter) {
  return async (_args: string[], host: Host): Promise<number> => {
    try {
      filterInput(makeFilter, host);
      return 0;
    } catch (error) {
      if (!(error instanceof FatalError)) throw error;
      return error.exitCode;
    }
  };
}

/** When nobody reads the output any more, a filter ends by the signal for it, as others do. */
function filterInput(makeFilter: MakeFilter, host: Host): void {
  restoreSignal("SIGPIPE");
  const shown = shownOn(1, write);
  runFilter(makeFilter(host, shown.write), read);
  shown.end();
}

function read(target: Buffer, from: number): number {
  try {
    return readSync(0, target, from, target.length - from, null);
  } catch (error) {
    throw unableTo("read", "standard input", error);
  }
}

function write(data: Uint8Array): void {
  try {
    writeOutput(data);
  } catch (error) {
    throw unableTo("write to", "standard output", error);
  }
}
