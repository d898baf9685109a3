import { CAP_MS } from "../destination/retry.ts";
import type { Messages } from "../system/message.ts";

const ATTEMPTS_BEFORE_WARNING = 3; // one throttled or broken request is everyday business

/** What is done with a destination, in the words of its messages. */
const WORDS = {
  upload: { toDo: "upload", preposition: "to", things: "uploads" },
  read: { toDo: "read", preposition: "from", things: "reads" },
} as const;

/** Says once that a destination keeps failing and once that it works again, however many uploads or reads wait for it. */
export class Outage {
  readonly #destination: string;
  readonly #messages: Messages;
  readonly #words: (typeof WORDS)[keyof typeof WORDS];
  #failedAttempts = 0;
  #isAnnounced = false;

  constructor(destination: string, messages: Messages, work: keyof typeof WORDS = "upload") {
    this.#destination = destination;
    this.#messages = messages;
    this.#words = WORDS[work];
  }

  /** True from the warning on until it works again. */
  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /**
   * @param count How often this has been tried.
   * @param waitMs Until it is tried again.
   */
  failed(what: string, reason: string, count: number, waitMs: number): void {
    this.#failedAttempts++;
    if (this.#isAnnounced || (count < ATTEMPTS_BEFORE_WARNING && waitMs <= CAP_MS)) return;
    this.#isAnnounced = true;
    const { toDo, preposition } = this.#words;
    this.#messages.warning(
      `unable to ${toDo} ${what} ${preposition} ${this.#destination}, trying on: ${reason}`,
    );
  }

  succeeded(): void {
    if (this.#isAnnounced) {
      const { things, preposition } = this.#words;
      this.#messages.info(
        `${things} ${preposition} ${this.#destination} work again after ${this.#failedAttempts} failed tries`,
      );
    }
    this.#failedAttempts = 0;
    this.#isAnnounced = false;
  }
}
