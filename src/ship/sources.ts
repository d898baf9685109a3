import { basename } from "node:path";
import type { Inode } from "../follow/log-files.ts";
import { mayBeThere } from "../follow/paths.ts";
import { FatalError, unableTo } from "../system/errors.ts";
import { type FoundLog, findSource, type Match, matchingFiles } from "./find-sources.ts";
import { Judge } from "./judge.ts";
import { LogSource, SILENT } from "./log-source.ts";
import { addressOf, openLog } from "./open-log.ts";
import { ExpectedLogs, Owners } from "./owners.ts";
import { Request } from "./request.ts";
import type { ShipHost, ShipSettings, Source } from "./source.ts";
import { StateDirectory } from "./state-directory.ts";

/** Its lock, the log, and the rotated files that are kept open for a while. */
const FILES_A_LOG = 5;
/** For everything else: connections, directories, libraries. */
const OTHER_FILES = 100;

/** State files that are brought to disk at the same time. */
const AT_ONCE = 8;

/** So many names a person reads. */
const TOLD_NAMES = 5;

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
  readonly #stateDirectory: StateDirectory;
  readonly #settings: ShipSettings;
  readonly #host: ShipHost;
  /** Those that are logs, by their paths. */
  readonly #logs = new Map<string, LogSource>();
  readonly #owners = new Owners();
  readonly #warned = new Set<string>();
  /** Patterns that match names that are not UTF-8. */
  readonly #unnamed = new Set<string>();
  #warnAgainMs = WARN_AGAIN_MS;
  #expected = new ExpectedLogs([]);
  #isRefreshed = false;

  /** @param stateDirectory Must be there. */
  constructor(texts: readonly string[], stateDirectory: string, settings: ShipSettings, host: ShipHost) {
    const { isOnce } = settings;
    this.#requests = texts.map((text) => new Request(text, isOnce ? SILENT : host.messages, isOnce));
    this.#stateDirectory = new StateDirectory(stateDirectory);
    this.#settings = settings;
    this.#host = host;
    this.judge = new Judge(settings, host);
  }

  /** Where something may happen. */
  get directories(): string[] {
    return [...new Set([...this.all, ...this.#requests].flatMap(({ directories }) => directories))];
  }

  /** True if nothing is due that does not begin with a change in these directories. */
  get areReported(): boolean {
    return [...this.#requests, ...this.all].every(({ isReported }) => isReported);
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
    for (const request of this.#requests.filter((one) => isFirst || one.isDue(elapsedMs))) {
      this.#owners.rebuild(this.#logs.values());
      try {
        await this.#refreshOne(request, isFirst);
      } catch (error) {
        if (!(error instanceof FatalError) || (isFirst && error instanceof Refusal)) throw error;
        // What a source that is open has told already.
        if (!this.all.some(({ problem }) => problem === error.message)) request.trouble.warn(error.message);
      }
      request.looked(elapsedMs);
    }
    await this.#forgetFinished();
  }

  look(): void {
    this.#owners.rebuild(this.#logs.values());
    for (const source of this.all) {
      source.look();
      if (source instanceof LogSource) this.#owners.update(source);
    }
  }

  /** Brings to disk what has waited for that long enough. */
  async settle(): Promise<void> {
    await this.#eachAtOnce((source) => source.settle());
  }

  async close(): Promise<void> {
    this.judge.close();
    await this.#eachAtOnce((source) => source.close());
    await this.#syncDirectory();
  }

  /** Some at a time, so that the disk has to do for many at once. */
  async #eachAtOnce(call: (source: Source) => Promise<void>): Promise<void> {
    const sources = [...this.all].values();
    const work = async () => {
      for (const source of sources) await call(source);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  }

  async #syncDirectory(): Promise<void> {
    try {
      await this.#stateDirectory.sync();
    } catch (error) {
      this.#host.messages.warning(unableTo("write", this.#stateDirectory.path, error).message);
    }
  }

  async #refreshOne(request: Request, isFirst: boolean): Promise<void> {
    const { text, asked } = request;
    const remembered = isFirst
      ? request.remembered(this.#stateDirectory.path, addressOf(this.#settings, this.#host))
      : [];
    if (remembered.length > 0) request.isMet = true;
    const from = isFirst && !request.isMet ? this.#settings.from : "start";
    const matches = request.isPattern ? this.#matching(text) : [];
    // What may be older files of others by their names is not yet a log.
    const isLog = (match: Match) => match.bases.length === 0 && !this.#owners.has(match);
    const found: readonly FoundLog[] = request.isPattern
      ? matches.filter(isLog)
      : [findSource(text) ?? []].flat();
    const unfinished = remembered.filter(({ isFinished }) => !isFinished);
    const unopened = [...unfinished, ...found].filter(({ path }) => !this.#logs.has(path));
    const newPaths = [...new Set(unopened.map(({ path }) => path))];
    if (newPaths.length > 0) this.#makeSureOfFiles(this.#openCount() + newPaths.filter(mayBeThere).length);
    this.#expected = new ExpectedLogs(unfinished);
    for (const log of unopened)
      if (!this.#logs.has(log.path)) await this.#open({ ...log, asked }, from, isFirst);
    this.#expected = new ExpectedLogs([]);
    await this.#openGrown(matches, request, from);
    if (isFirst && remembered.length === 0) this.#tellOfLeft(matches);
    if (found.length + remembered.length > 0) request.isMet = true;
    request.tellWhetherMet();
  }

  #matching(text: string): Match[] {
    this.#unnamed.delete(text);
    return matchingFiles(text, (path) => {
      this.#unnamed.add(text);
      this.#warnOnce(path, NOT_UTF8);
    });
  }

  /** A file that is no file of the log whose older file it could be by its name, and that grows, is a log of its own. */
  async #openGrown(matches: readonly Match[], { asked }: Request, from: "start" | "end"): Promise<void> {
    for (const match of matches) {
      if (match.bases.length === 0 || this.#logs.has(match.path) || this.#owners.has(match)) continue;
      if (!match.bases.some((base) => this.#logs.get(base)?.hasSeenGrow(match))) continue;
      this.#makeSureOfFiles(this.#openCount() + 1);
      await this.#open({ ...match, asked }, from, false);
    }
  }

  /** At the first start of all, what is left alone could be logs of their own that do not grow for now. */
  #tellOfLeft(matches: readonly Match[]): void {
    const left = matches.filter(({ path, bases }) => bases.length > 0 && !this.#logs.has(path));
    if (left.length === 0) return;
    const names = left.slice(0, TOLD_NAMES).map(({ path }) => basename(path));
    const more = left.length > names.length ? ` and ${left.length - names.length} more` : "";
    this.#host.messages.info(
      `left alone until they grow, because their names are those of older files of other logs: ${names.join(", ")}${more}`,
    );
  }

  async #open(log: FoundLog, from: "start" | "end", isFirst: boolean): Promise<void> {
    const isOthers = (file: Inode & { readonly path: string }) => {
      if (this.#owners.has(file, log.path)) return true;
      return [...this.#expected.ownersOf(file)].some((path) => path !== log.path && !this.#logs.has(path));
    };
    const isLog = (path: string) => path !== log.path && (this.#logs.has(path) || this.#expected.has(path));
    const settings = { ...this.#settings, from };
    const source = await openLog(log, this.#stateDirectory, settings, this.#host, this.judge, {
      isOthers,
      isLog,
      older: this.#settings.older ?? [],
    });
    if (source) {
      this.#logs.set(log.path, source);
      this.all.push(source);
      if (isFirst) this.#owners.update(source);
      else this.#owners.rebuild(this.#logs.values());
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
  async #forgetFinished(): Promise<void> {
    const finished = [...this.#logs.values()].filter(({ isFinished }) => isFinished);
    for (const source of finished) {
      this.all.splice(this.all.indexOf(source), 1);
      await source.close();
      this.#logs.delete(source.name);
    }
    if (finished.length > 0) await this.#syncDirectory();
  }

  #openCount(): number {
    return [...this.#logs.keys()].filter(mayBeThere).length;
  }

  /** Without files to open, nothing else would work either. */
  #makeSureOfFiles(logs: number): void {
    const { openFilesLimit } = this.#host;
    const needed = logs * FILES_A_LOG + OTHER_FILES;
    if (needed <= openFilesLimit) return;
    const reason = `they may need ${needed} open files at once, and ${openFilesLimit} are allowed (ulimit -n)`;
    throw new Refusal(unableTo("ship", `${logs} logs`, reason).message);
  }
}
