import { dirname, resolve } from "node:path";
import { statIfThere } from "../follow/paths.ts";
import { unableTo } from "../system/errors.ts";
import type { Messages } from "../system/message.ts";
import { Trouble } from "../system/trouble.ts";
import { type Address, isAbout } from "./address.ts";
import { findSource, isPattern, type RememberedLog, realPattern, rememberedSources } from "./find-sources.ts";
import type { SourceState } from "./state.ts";

const REFRESH_EVERY_MS = 1000;
/** A single log that was found stays what it is, unless a symbolic link on the way to it is changed. */
const REFRESH_MET_EVERY_MS = 5000;

/** Sources as they are named on the command line, and whether anything has been found of them. */
export class Request {
  readonly text: string;
  readonly trouble: Trouble;
  readonly #isOnce: boolean;
  /** It was there, or shipped before: what comes into being later is shipped from its start. */
  isMet = false;
  #dueMs = 0;

  /** @param messages With --once, what is wrong is the reason of the end, and is told there. */
  constructor(text: string, messages: Messages, isOnce: boolean) {
    this.text = text;
    this.trouble = new Trouble(messages);
    this.#isOnce = isOnce;
  }

  get isPattern(): boolean {
    return isPattern(this.text);
  }

  /** Absolute, with the links in it. */
  get asked(): string {
    return resolve(this.text);
  }

  /** Where it may come into being, if it is one log. */
  get directories(): string[] {
    return this.isPattern ? [] : [dirname(this.asked)];
  }

  /** True if what comes of it begins with a change in a directory that is known. */
  get isReported(): boolean {
    return this.isMet && !(this.isPattern && isPattern(dirname(this.text)));
  }

  isDue(elapsedMs: number): boolean {
    return elapsedMs >= this.#dueMs;
  }

  looked(elapsedMs: number): void {
    const isSettled = this.isMet && !this.isPattern;
    this.#dueMs = elapsedMs + (isSettled ? REFRESH_MET_EVERY_MS : REFRESH_EVERY_MS);
  }

  /** What was shipped of it before, to this address. @throws FatalError as `rememberedSources()` */
  remembered(stateDirectory: string, address: Address): RememberedLog[] {
    const { asked } = this;
    const isPath = this.isPattern ? patternTest(this.text) : pathTest(this.text);
    const isWanted = (state: SourceState) => state.asked === asked || isPath(state.source);
    return rememberedSources(stateDirectory, (state) => isWanted(state) && isAbout(state, address));
  }

  /** Says what is waited for, once, and that it is there. @throws FatalError with --once, which does not wait */
  tellWhetherMet(): void {
    const { text, trouble } = this;
    if (this.isMet) {
      trouble.isOver(`found ${text}`);
      return;
    }
    const reason = this.isPattern ? "nothing matches" : reasonWithoutLog(text);
    if (this.#isOnce) throw unableTo("ship", text, reason);
    trouble.warn(`waiting for ${text}: ${reason}`);
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
