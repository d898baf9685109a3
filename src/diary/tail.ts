import { dirname } from "node:path";
import { Changes } from "../follow/changes.ts";
import { findLog } from "../follow/find-log.ts";
import { statIfThere } from "../follow/log-files.ts";
import { unableTo } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import type { Line } from "./backwards.ts";
import type { LineFollower } from "./line-follower.ts";
import type { LineFormatter } from "./line-format.ts";
import { LogView } from "./log-view.ts";
import { mergeByLabel } from "./merge.ts";
import { Output } from "./output.ts";

export interface TailRequest {
  /** Log directories, services or files, as a person names them. */
  readonly paths: readonly string[];
  /** How many of the last lines; undefined for all since `since`. */
  readonly count: number | undefined;
  /** The label of the moment to begin with; empty for no such limit. */
  readonly since: string;
  readonly isFollowed: boolean;
}

export interface TailHost {
  readonly formatter: LineFormatter;
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
 * @throws FatalError `unable to open <path>: file does not exist` or `unable to find a log in <dir>: …`, unless it is
 *   to be followed; and whatever `write` throws
 */
export async function tail(request: TailRequest, host: TailHost): Promise<number> {
  const output = new Output(request.paths, host.formatter, (bytes) => host.write(bytes));
  const logs: Log[] = request.paths.map((path, index) => {
    return { path, index, view: viewOf(path, request.isFollowed), follower: undefined };
  });
  showPast(logs, request, output, host);
  output.flush();
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

/** Shows what is wanted of the past of these logs, and makes their followers, which go on from there. */
function showPast(logs: readonly Log[], request: TailRequest, output: Output, host: TailHost): void {
  const present = logs.filter((log) => log.view !== undefined);
  const partials = new Map<Log, Uint8Array>();
  const linesOf = (log: Log) => {
    const view = log.view!;
    const lines = request.count === undefined ? view.forwards(request.since) : view.backwards();
    return request.isFollowed ? withoutPartial(lines, (bytes) => partials.set(log, bytes)) : lines;
  };
  const merged = mergeByLabel(present.map(linesOf), request.count === undefined ? 1 : -1);
  if (request.count === undefined) {
    for (const { log, bytes, label } of merged) {
      if (label >= request.since) output.show(present[log]!.index, bytes);
    }
  } else {
    let wanted = request.count;
    const shown: Uint8Array[] = [];
    for (const { log, bytes, label } of wanted > 0 ? merged : []) {
      if (label !== "" && label < request.since) break;
      const text = output.format(present[log]!.index, bytes);
      if (text) shown.push(text);
      if (text && --wanted === 0) break;
    }
    for (const text of shown.reverse()) output.add(text);
  }
  if (!request.isFollowed) return;
  for (const log of present) {
    log.follower = log.view!.follow(partials.get(log), lossWarning(log.path, host));
  }
}

function directoriesOf({ path, view }: Log): string[] {
  return [view ? view.directory : dirname(path)];
}

/** Keeps the line without newline back, which is the first of lines read backwards and the last of those read forwards. */
function withoutPartial(lines: Generator<Line>, keep: (bytes: Uint8Array) => void): Iterator<Line> {
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
