import type { Messages } from "./message.ts";

/** Says that something does not work once, and once that it works again. */
export class Trouble {
  readonly #messages: Messages;
  #text: string | undefined;

  constructor(messages: Messages) {
    this.#messages = messages;
  }

  /** What does not work. */
  get text(): string | undefined {
    return this.#text;
  }

  warn(text: string): void {
    if (text === this.#text) return;
    this.#text = text;
    this.#messages.warning(text);
  }

  /** @param text What works again. */
  isOver(text: string): void {
    if (this.#text === undefined) return;
    this.#text = undefined;
    this.#messages.info(text);
  }
}
