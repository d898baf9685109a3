import type { Messages } from "../system/message.ts";

const ATTEMPTS_BEFORE_WARNING = 3; // one throttled or broken request is everyday business

/** Says once that a destination keeps failing and once that it works again, however many uploads wait for it. */
export class Outage {
  readonly #destination: string;
  readonly #messages: Messages;
  #failedAttempts = 0;
  #isAnnounced = false;

  constructor(destination: string, messages: Messages) {
    this.#destination = destination;
    this.#messages = messages;
  }

  /** True from the warning on until it works again. */
  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /** @param count How often this upload has been tried. */
  failed(what: string, reason: string, count: number): void {
    this.#failedAttempts++;
    if (this.#isAnnounced || count < ATTEMPTS_BEFORE_WARNING) return;
    this.#isAnnounced = true;
    this.#messages.warning(`unable to upload ${what} to ${this.#destination}, trying on: ${reason}`);
  }

  succeeded(): void {
    if (this.#isAnnounced) {
      this.#messages.info(
        `uploads to ${this.#destination} work again after ${this.#failedAttempts} failed tries`,
      );
    }
    this.#failedAttempts = 0;
    this.#isAnnounced = false;
  }
}
