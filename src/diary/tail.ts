import { dirname } from "node:path";
import { Changes } from "../follow/changes.ts";
import { findLog } from "../follow/find-log.ts";
import { statIfThere } from "../follow/paths.ts";
import { describe, unableTo } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import type { Line } from "./backwards.ts";
import type { LineFollower } from "./line-follower.ts";
import type { LineFormatter } from "./line-format.ts";
import { type TimeOfLine, timedBackwards, timedForwards } from "./line-time.ts";
import { LogView } from "./log-view.ts";
import { mergeByLabel } from "./merge.ts";
import { Output } from "./output.ts";
import { SeenTimes } from "./seen-times.ts";

export interface TailRequest {
  /** Log directories, services or files, as a person names them. */
  readonly paths: readonly string[];
  /** How many of the last lines; undefined for all since `since`. */
  readonly count: number | undefined;
  /** The label of the moment to begin with, and how it was asked for; empty for no such limit. */
  readonly since: string;
  readonly sinceText: string;
  readonly isFollowed: boolean;
}

export interface TailHost {
  readonly formatter: LineFormatter;
  readonly timeOf: TimeOfLine;
  readonly messages: Messages;
  readonly now: () => number;
  /** Writes all bytes before it returns. */
  write(bytes: Uint8Array): void;
  /** True if nobody will see what is written. */
  isReaderGone(): boolean;
}

/** One of the logs shown; what is not there yet has no view. */
interface Log {
  readonly path: string;
  readonly index: number;
  view: LogView | undefined;
  follower: LineFollower | undefined;
}

const WARN_AT_MOST_EVERY_MS = 60_000;

/**
 * Shows the last lines of logs, merged by label, and then what is added to them, if asked for, for as long as it is read.
 *
 * @returns the exit code 0
 * @throws FatalError `unable to open <path>: file does not exist`, `unable to find a log in <dir>: …` or, when all else
 *   is shown, `unable to begin at --since <time> in <path>: …`, unless it is to be followed; and whatever `write` throws
 */
export async function tail(request: TailRequest, host: TailHost): Promise<number> {
  const output = new Output(request.paths, host.formatter, (bytes) => host.write(bytes));
  const logs: Log[] = request.paths.map((path, index) => {
    return { path, index, view: viewOf(path, request.isFollowed), follower: undefined };
  });
  const timeless = showPast(logs, request, output, host);
  output.flush();
  for (const { path } of timeless) {
    const cause = "its lines have no time that is known";
    if (!request.isFollowed) throw unableTo("begin", `at --since ${request.sinceText} in ${path}`, cause);
    host.messages.warning(describe("begin", `at --since ${request.sinceText} in ${path}`, cause));
  }
  if (!request.isFollowed) return 0;
  const changes = new Changes();
  try {
    while (!host.isReaderGone()) {
      for (const log of logs.filter(({ view }) => !view)) {
        log.view = viewOf(log.path, true);
        showPast([log], { ...request, count: undefined }, output, host); // all of it is new
      }
      // Before looking, so that nothing happens unseen between the two.
      changes.watch(logs.flatMap(directoriesOf));
      for (const log of logs) log.follower?.look((line) => output.gather(log.index, line));
      output.flush();
      await changes.next();
    }
  } finally {
    changes.close();
  }
  return 0;
}

function viewOf(path: string, isAwaited: boolean): LogView | undefined {
  const source = findLog(path);
  if (source) return new LogView(source);
  if (isAwaited) return undefined;
  if (!statIfThere(path)) throw unableTo("open", path, "file does not exist");
  throw unableTo(
    "find a log in",
    path,
    "it is no log directory, nor a service with one: there is no current, main/current or log/main/current",
  );
}

/**
 * Shows what is wanted of the past of these logs, and makes their followers, which go on from there.
 *
 * @returns the logs with lines of which none has a time, although one is wanted to begin with
 */
function showPast(logs: readonly Log[], request: TailRequest, output: Output, host: TailHost): Log[] {
  const present = logs.filter((log) => log.view !== undefined);
  const seen = new Map(present.map((log) => [log, new SeenTimes(host.timeOf)]));
  const partials = new Map<Log, Uint8Array>();
  const linesOf = (log: Log) => {
    const view = log.view!;
    const isForwards = request.count === undefined;
    const all = isForwards ? view.forwards(request.since) : view.backwards();
    const lines = request.isFollowed ? withoutPartial(all, (bytes) => partials.set(log, bytes)) : all;
    // Looking for times takes time, and the lines of one log are in their order already.
    const areTimesWanted = present.length > 1 || request.since !== "";
    const timeOf = areTimesWanted ? seen.get(log)!.timeOf : () => "";
    return isForwards ? timedForwards(lines, timeOf) : timedBackwards(lines, timeOf);
  };
  const merged = mergeByLabel(present.map(linesOf), request.count === undefined ? 1 : -1);
  if (request.count === undefined) {
    for (const { log, bytes, label } of merged) {
      if (label >= request.since) output.show(present[log]!.index, bytes);
    }
  } else {
    let wanted = request.count;
    // As they are: what a terminal is shown of them may be many times as large.
    const shown: { readonly log: number; readonly bytes: Uint8Array }[] = [];
    for (const { log, bytes, label } of wanted > 0 ? merged : []) {
      if (label < request.since) {
        // All others are older, unless they are of access logs, which are in order only by and large.
        if ([...seen.values()].some(({ isSorted }) => !isSorted)) continue;
        break;
      }
      const { index } = present[log]!;
      if (!output.isWanted(bytes)) continue;
      shown.push({ log: index, bytes });
      if (--wanted === 0) break;
    }
    for (const { log, bytes } of shown.reverse()) output.show(log, bytes);
  }
  for (const log of request.isFollowed ? present : []) {
    log.follower = log.view!.follow(partials.get(log), lossWarning(log.path, host));
  }
  return request.since === "" ? [] : present.filter((log) => seen.get(log)!.isTimeless);
}

function directoriesOf({ path, view }: Log): string[] {
  return [view ? view.directory : dirname(path)];
}

/** Keeps the line without newline back, which is the first of lines read backwards and the last of those read forwards. */
function withoutPartial(lines: Generator<Line>, keep: (bytes: Uint8Array) => void): Iterable<Line> {
  const first = lines.next();
  // At once, because the lines may never be asked for.
  if (!first.done && first.value.isPartial) keep(first.value.bytes);
  return (function* () {
    if (!first.done && !first.value.isPartial) yield first.value;
    for (const line of lines) {
      if (line.isPartial) keep(line.bytes);
      else yield line;
    }
  })();
}

function lossWarning(path: string, { messages, now }: TailHost): () => void {
  let warnedAtMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (now() - warnedAtMs < WARN_AT_MOST_EVERY_MS) return;
    warnedAtMs = now();
    messages.warning(`unable to show all of ${path}: files were deleted before they were read`);
  };
}
