import { basename, dirname, resolve } from "node:path";
import { type Inode, isSameFile } from "../follow/log-files.ts";
import { mayBeThere, statIfThere } from "../follow/paths.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import { Trouble } from "../system/trouble.ts";
import { isAbout } from "./address.ts";
import {
  type FoundLog,
  findSource,
  isPattern,
  matchingFiles,
  type RememberedLog,
  realPattern,
  rememberedSources,
} from "./find-sources.ts";
import { Judge } from "./judge.ts";
import { LogSource, SILENT } from "./log-source.ts";
import { addressOf, openLog } from "./open-log.ts";
import type { ShipHost, ShipSettings, Source } from "./source.ts";
import type { SourceState } from "./state.ts";

/** Sources as they are named on the command line, and what has been found of them. */
interface Request {
  readonly text: string;
  readonly trouble: Trouble;
  /** It was there, or shipped before: what comes into being later is shipped from its start. */
  isMet: boolean;
  dueMs: number;
}

/** Its lock, the log, and the rotated files that are kept open for a while. */
const FILES_A_LOG = 5;
/** For everything else: connections, directories, libraries. */
const OTHER_FILES = 100;

/** So many names a person reads. */
const TOLD_NAMES = 5;
const REFRESH_EVERY_MS = 1000;
/** A single log that was found stays what it is, unless a symbolic link on the way to it is changed. */
const REFRESH_MET_EVERY_MS = 5000;

const NOT_UTF8 = "its name is not UTF-8: give it another one";
/** What stays as it is as long as nobody mends it is said again: who looks sees what is not shipped. */
const WARN_AGAIN_MS = 3_600_000;

/** What waiting does not mend. */
class Refusal extends FatalError {}

/** Everything that is shipped; what a pattern matches later joins in. */
export class Sources {
  readonly all: Source[] = [];
  /** Of what is stored already. */
  readonly judge: Judge;
  readonly #requests: readonly Request[];
  readonly #stateDirectory: string;
  readonly #settings: ShipSettings;
  readonly #host: ShipHost;
  readonly #paths = new Set<string>();
  readonly #warned = new Set<string>();
  /** Patterns that match names that are not UTF-8. */
  readonly #unnamed = new Set<string>();
  #warnAgainMs = WARN_AGAIN_MS;
  /** Logs that were shipped before and are about to be opened. */
  #expected: readonly RememberedLog[] = [];
  #isRefreshed = false;

  /** @param stateDirectory Must be there. */
  constructor(texts: readonly string[], stateDirectory: string, settings: ShipSettings, host: ShipHost) {
    this.#requests = texts.map((text) => ({
      text,
      // With --once it is the reason of the end, and is told there.
      trouble: new Trouble(settings.isOnce ? SILENT : host.messages),
      isMet: false,
      dueMs: 0,
    }));
    this.#stateDirectory = stateDirectory;
    this.#settings = settings;
    this.#host = host;
    this.judge = new Judge(settings, host);
  }

  /** Where something may happen. */
  get directories(): string[] {
    const awaited = this.#requests.flatMap(({ text }) => (isPattern(text) ? [] : [dirname(resolve(text))]));
    return [...new Set([...this.all.flatMap(({ directories }) => directories), ...awaited])];
  }

  /** True if nothing is due that does not begin with a change in these directories. */
  get areReported(): boolean {
    const isReported = ({ text, isMet }: Request) => isMet && !(isPattern(text) && isPattern(dirname(text)));
    return this.#requests.every(isReported) && this.all.every((source) => source.isReported);
  }

  /** True if there are logs to wait for, whether or not one of them is there. */
  get areAwaited(): boolean {
    return this.#requests.length > 0;
  }

  /** Why one of them cannot be read; undefined if all can. */
  get problem(): string | undefined {
    const troubles = this.#requests.map(({ trouble }) => trouble.text);
    const unnamed = [...this.#unnamed].map(
      (text) => unableTo("ship", `all that ${text} matches`, "names that are not UTF-8").message,
    );
    const problems = [...troubles, ...this.all.map(({ problem }) => problem), ...unnamed];
    return problems.find((text) => text !== undefined);
  }

  /**
   * Finds what is there by now. What cannot be found or opened is waited for, and warned of once; the first time,
   * everything that is named has to be free to be shipped.
   *
   * @throws FatalError `unable to ship PATH: another process does`, or that they are too many
   */
  async refresh(): Promise<void> {
    const { elapsedMs } = this.#host.clock();
    const isFirst = !this.#isRefreshed;
    this.#isRefreshed = true;
    if (elapsedMs >= this.#warnAgainMs) {
      this.#warnAgainMs = elapsedMs + WARN_AGAIN_MS;
      this.#warned.clear();
    }
    for (const request of this.#requests) {
      if (!isFirst && elapsedMs < request.dueMs) continue;
      try {
        await this.#refreshOne(request, isFirst);
      } catch (error) {
        if (!(error instanceof FatalError) || (isFirst && error instanceof Refusal)) throw error;
        // What a source that is open has told already.
        if (!this.all.some(({ problem }) => problem === error.message)) request.trouble.warn(error.message);
      }
      const isSettled = request.isMet && !isPattern(request.text);
      request.dueMs = elapsedMs + (isSettled ? REFRESH_MET_EVERY_MS : REFRESH_EVERY_MS);
    }
    this.#forgetFinished();
  }

  look(): void {
    for (const source of this.all) source.look();
  }

  close(): void {
    this.judge.close();
    for (const source of this.all) source.close();
  }

  async #refreshOne(request: Request, isFirst: boolean): Promise<void> {
    const { text } = request;
    const remembered = isFirst ? this.#remembered(text) : [];
    if (remembered.length > 0) request.isMet = true;
    const from = isFirst && !request.isMet ? this.#settings.from : "start";
    const found: readonly FoundLog[] = isPattern(text)
      ? this.#matching(text)
      : [findSource(text) ?? []].flat();
    const asked = resolve(text);
    const unfinished = remembered.filter(({ isFinished }) => !isFinished);
    const unopened = [...unfinished, ...found].filter(({ path }) => !this.#paths.has(path));
    const newPaths = [...new Set(unopened.map(({ path }) => path))];
    if (newPaths.length > 0) this.#makeSureOfFiles(this.#openCount() + newPaths.filter(mayBeThere).length);
    this.#expected = unfinished;
    for (const log of unopened)
      if (!this.#paths.has(log.path)) await this.#open({ ...log, asked }, from, isFirst);
    this.#expected = [];
    if (isPattern(text)) await this.#openGrown(request, from);
    if (isFirst && isPattern(text) && remembered.length === 0) this.#tellOfLeft(text);
    if (found.length + remembered.length > 0) request.isMet = true;
    if (!request.isMet) this.#awaited(request);
    else request.trouble.isOver(`found ${text}`);
  }

  /** What a pattern matches and no source has yet, but for what may be older files of others by their names. */
  #matching(text: string): FoundLog[] {
    this.#unnamed.delete(text);
    const onUnnamed = (path: string) => {
      this.#unnamed.add(text);
      this.#warnOnce(path, NOT_UTF8);
    };
    const matches = matchingFiles(text, onUnnamed).filter((match) => !this.#isOwned(match));
    return matches.filter(({ bases }) => bases.length === 0);
  }

  /** A file that is no file of the log whose older file it could be by its name, and that grows, is a log of its own. */
  async #openGrown({ text }: Request, from: "start" | "end"): Promise<void> {
    for (const match of matchingFiles(text)) {
      if (match.bases.length === 0 || this.#paths.has(match.path) || this.#isOwned(match)) continue;
      const others = this.#logs.filter(({ name }) => match.bases.includes(name));
      if (!others.some((source) => source.hasSeenGrow(match))) continue;
      this.#makeSureOfFiles(this.#openCount() + 1);
      await this.#open({ ...match, asked: resolve(text) }, from, false);
    }
  }

  /** At the first start of all, what is left alone could be logs of their own that do not grow for now. */
  #tellOfLeft(text: string): void {
    const left = matchingFiles(text).filter(({ path, bases }) => bases.length > 0 && !this.#paths.has(path));
    if (left.length === 0) return;
    const names = left.slice(0, TOLD_NAMES).map(({ path }) => basename(path));
    const more = left.length > names.length ? ` and ${left.length - names.length} more` : "";
    this.#host.messages.info(
      `left alone until they grow, because their names are those of older files of other logs: ${names.join(", ")}${more}`,
    );
  }

  get #logs(): LogSource[] {
    return this.all.filter((source) => source instanceof LogSource);
  }

  #isOwned(file: Inode): boolean {
    return this.#logs.some((source) => source.owns(file));
  }

  async #open(log: FoundLog, from: "start" | "end", isFirst: boolean): Promise<void> {
    const isOthers = (file: Inode & { readonly path: string }) => {
      const isExpected = ({ path, files }: RememberedLog) =>
        path !== log.path &&
        !this.#paths.has(path) &&
        files.some((f) => isSameFile(f, file) && f.path === file.path);
      return (
        this.#logs.some((source) => source.name !== log.path && source.owns(file)) ||
        this.#expected.some(isExpected)
      );
    };
    const isLog = (path: string) =>
      path !== log.path && (this.#paths.has(path) || this.#expected.some((other) => other.path === path));
    const settings = { ...this.#settings, from };
    const source = await openLog(log, this.#stateDirectory, settings, this.#host, this.judge, {
      isOthers,
      isLog,
      older: this.#settings.older ?? [],
    });
    if (source) {
      this.#paths.add(log.path);
      this.all.push(source);
      return;
    }
    const reason = "another process ships it already";
    if (isFirst) throw new Refusal(unableTo("ship", log.path, reason).message);
    this.#warnOnce(log.path, reason);
  }

  #warnOnce(path: string, reason: string): void {
    if (!this.#warned.has(path)) this.#host.messages.warning(`unable to ship ${path}: ${reason}`);
    this.#warned.add(path);
  }

  /** What is shipped to its end and gone takes no files and no time any more; it is found again if it comes back. */
  #forgetFinished(): void {
    for (const source of this.#logs.filter(({ isFinished }) => isFinished)) {
      source.close();
      this.#paths.delete(source.name);
      this.all.splice(this.all.indexOf(source), 1);
    }
  }

  #openCount(): number {
    return this.#logs.filter(({ name }) => mayBeThere(name)).length;
  }

  /** Without files to open, nothing else would work either. */
  #makeSureOfFiles(logs: number): void {
    const { openFilesLimit } = this.#host;
    const needed = logs * FILES_A_LOG + OTHER_FILES;
    if (needed <= openFilesLimit) return;
    const reason = `they may need ${needed} open files at once, and ${openFilesLimit} are allowed (ulimit -n)`;
    throw new Refusal(unableTo("ship", `${logs} logs`, reason).message);
  }

  #awaited({ text, trouble }: Request): void {
    const reason = isPattern(text) ? "nothing matches" : reasonWithoutLog(text);
    if (this.#settings.isOnce) throw unableTo("ship", text, reason);
    trouble.warn(`waiting for ${text}: ${reason}`);
  }

  #remembered(text: string): RememberedLog[] {
    const asked = resolve(text);
    const isPath = isPattern(text) ? patternTest(text) : pathTest(text);
    const address = addressOf(this.#settings, this.#host);
    const isWanted = (state: SourceState) => state.asked === asked || isPath(state.source);
    return rememberedSources(this.#stateDirectory, (state) => isWanted(state) && isAbout(state, address));
  }
}

function patternTest(text: string): (path: string) => boolean {
  const pattern = new Bun.Glob(realPattern(text));
  return (path) => pattern.match(path);
}

function pathTest(text: string): (path: string) => boolean {
  const found = findSource(text)?.path ?? resolve(text);
  return (path) => path === found;
}

function reasonWithoutLog(path: string): string {
  if (!statIfThere(path)) return "file does not exist";
  return "it is a directory without a log of multilog: give its files, such as 'DIR/*.log'";
}
