import { greatestId, nextGeneration } from "../contract/generation-id.ts";
import { escapeName } from "../contract/shipped-key.ts";
import type { FileFollower } from "../follow/file-follower.ts";
import type { Neighbours } from "../follow/surroundings.ts";
import { type Address, goesElsewhere, isAbout } from "./address.ts";
import type { FoundLog } from "./find-sources.ts";
import { HeldFiles } from "./held-files.ts";
import { Journal } from "./journal.ts";
import { type Judge, Judgement } from "./judge.ts";
import { LogSource, type Tidier } from "./log-source.ts";
import type { ShipHost, ShipSettings } from "./source.ts";
import { type Beginning, beginDirectory, beginFile, sourceNameOf } from "./source-files.ts";
import { type OpenedState, StateFile } from "./state-file.ts";
import { DirectoryTidier, FileTidier } from "./tidier.ts";

/**
 * Takes the lock of a log, reads what is remembered of it, and finds where to go on.
 *
 * @returns undefined if another process ships it
 * @throws FatalError if its state or its files cannot be read
 */
export async function openLog(
  log: FoundLog,
  stateDirectory: string,
  settings: ShipSettings,
  host: ShipHost,
  judge: Judge,
  neighbours: Neighbours,
): Promise<LogSource | undefined> {
  const stateFile = new StateFile(stateDirectory, escapeName(sourceNameOf(log.path)));
  const found = stateFile.open();
  if (!found) return undefined;
  try {
    return await beginLog(log, stateFile, found, settings, host, judge, neighbours);
  } catch (error) {
    stateFile.close();
    throw error;
  }
}

async function beginLog(
  log: FoundLog,
  stateFile: StateFile,
  found: OpenedState,
  settings: ShipSettings,
  host: ShipHost,
  judge: Judge,
  neighbours: Neighbours,
): Promise<LogSource> {
  const { messages } = host;
  const address = addressOf(settings, host);
  const isElsewhere = found.kind === "state" && !isAbout(found.state, address);
  const known: OpenedState = isElsewhere ? { kind: "nothing" } : found;
  const saved = known.kind === "state" ? known.state : undefined;
  const at = host.clock();
  const ids = [saved?.latest?.generation, ...(saved?.generations ?? []).map(({ id }) => id)];
  let latestId = greatestId(ids);
  const nextId = () => {
    latestId = nextGeneration(at.wallMs, latestId);
    return latestId;
  };
  const options = { found: known, from: settings.from, at, nextId };
  let begin: Beginning;
  let tidier: Tidier;
  if (log.kind === "directory") {
    const held = new HeldFiles(log.path);
    const onLoss = () =>
      messages.warning(`unable to ship all of ${log.path}: files were deleted before they could be opened`);
    begin = await beginDirectory(log.path, held, onLoss, options);
    tidier = new DirectoryTidier(log.path, held, settings.holdMaxBytes, messages);
  } else {
    begin = beginFile(log.path, options, neighbours);
    tidier = new FileTidier(begin.follower as FileFollower, settings.holdMaxBytes);
  }
  const journal = new Journal(log, stateFile, saved, begin, address, messages);
  const judgement = new Judgement(judge, ids);
  const source = new LogSource(log, begin, { journal, judgement, tidier, settings, host });
  source.look(); // before others are opened, so that what may be deleted is held
  if (isElsewhere) messages.warning(goesElsewhere(found.state, address, settings.from));
  if (found.kind === "damaged") messages.warning(startingOver(log.path, stateFile.path, found, source));
  return source;
}

/** Where the pieces of all logs go. */
export function addressOf(settings: ShipSettings, { uploader }: ShipHost): Address {
  return { destination: uploader.locate(""), host: settings.host };
}

function startingOver(
  path: string,
  statePath: string,
  { keptAs }: Extract<OpenedState, { kind: "damaged" }>,
  { generations }: LogSource,
): string {
  const older = generations.filter(({ isEnded }) => isEnded).length;
  const files = older > 0 ? `, and ${older} older files of it of the last day,` : "";
  return `${statePath} is damaged and kept as ${keptAs}: ${path}${files} is shipped again from the start, under a new generation`;
}
