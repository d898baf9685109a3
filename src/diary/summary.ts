import { statfsSync } from "node:fs";
import { findLog } from "../follow/find-log.ts";
import { namesIn, statIfThere } from "../follow/paths.ts";
import { labelOf } from "./line-joiner.ts";
import { LogView } from "./log-view.ts";

/** A line of a log, its label apart. */
export interface DiaryEntry {
  readonly label: string | undefined;
  readonly text: string;
}

/** What a log directory tells of itself and of the service that writes into it. */
export interface DiarySummary {
  readonly directory: string;
  readonly sizeBytes: number;
  readonly fileCount: number;
  readonly freeBytes: number;
  readonly newest: DiaryEntry | undefined;
  /** The last line that tells of a stored object. */
  readonly upload: DiaryEntry | undefined;
  /** The last warning or fatal line. */
  readonly trouble: DiaryEntry | undefined;
  /** The warning that uploads fail, if nothing was uploaded since. */
  readonly outage: DiaryEntry | undefined;
}

/** How far it looks back for uploads and trouble: enough for hours, read in milliseconds. */
export const LOOK_BACK_LINES = 20_000;
export const LOOK_BACK_BYTES = 16 * 1024 * 1024;
/** More of a line nobody wants to see in a summary. */
const SHOWN_BYTES = 4096;

/** What multilog keeps for the case that it is killed is not a part of the log. */
const RECORD_NAME = "unwritten";

const UPLOAD = /^(?:upload: .+ to \S+$|\{"event":"upload")/;
const OUTAGE = /^logship: warning: unable to upload .+, trying on: /;
const TROUBLE = /^[\w-]+: (?:warning|fatal): /;

/**
 * Reads a log directory from its end.
 *
 * @param path The directory, a service or the log of a service.
 * @returns undefined if there is no log directory
 * @throws FatalError `unable to open …`, `unable to find …` where it cannot be read
 */
export function summarize(path: string): DiarySummary | undefined {
  const source = findLog(path);
  if (source?.kind !== "directory") return undefined;
  const directory = source.path;
  const names = namesIn(directory).filter((name) => name !== RECORD_NAME);
  const files = names.map((name) => statIfThere(`${directory}/${name}`));
  const { bavail, bsize } = statfsSync(directory);
  return {
    directory,
    sizeBytes: files.reduce((sum, file) => sum + (file?.size ?? 0), 0),
    fileCount: files.length,
    freeBytes: bavail * bsize,
    ...lookBack(new LogView(source)),
  };
}

function lookBack(view: LogView): Pick<DiarySummary, "newest" | "upload" | "trouble" | "outage"> {
  let newest: DiaryEntry | undefined;
  let upload: DiaryEntry | undefined;
  let trouble: DiaryEntry | undefined;
  let outage: DiaryEntry | undefined;
  let lineCount = 0;
  let byteCount = 0;
  for (const { bytes } of view.backwards()) {
    const entry = entryOf(bytes);
    newest ??= entry;
    if (!trouble && isTrouble(entry)) trouble = entry;
    if (!upload && OUTAGE.test(entry.text)) outage ??= entry;
    if (!upload && UPLOAD.test(entry.text)) upload = entry;
    lineCount++;
    byteCount += bytes.length;
    if ((upload && trouble) || lineCount >= LOOK_BACK_LINES || byteCount >= LOOK_BACK_BYTES) break;
  }
  view.close();
  return { newest, upload, trouble, outage };
}

/** Whether a line tells of a warning or of a failure, as this program and daemontools write them. */
export function isTrouble({ text }: DiaryEntry): boolean {
  return TROUBLE.test(text);
}

export function entryOf(line: Uint8Array): DiaryEntry {
  const label = labelOf(line);
  const rest = Buffer.from(label === undefined ? line : line.subarray(label.length + 1));
  const isLong = rest.length > SHOWN_BYTES;
  return { label, text: `${rest.toString("utf8", 0, SHOWN_BYTES)}${isLong ? "…" : ""}` };
}
