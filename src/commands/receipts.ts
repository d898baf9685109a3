import type { Receipt } from "../pipeline/uploader.ts";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { writeOutput } from "../system/output.ts";

/**
 * Writes one line for each stored object to standard output. A reader that has gone away is no reason to stop
 * uploading; a full disk is told at the end.
 */
export class ReceiptLines {
  readonly #isJson: boolean;
  #failure: unknown;

  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  report(receipt: Receipt): void {
    if (this.#failure !== undefined) return;
    try {
      writeOutput(
        this.#isJson ? `${JSON.stringify(receipt)}\n` : `upload: ${receipt.localName} to ${receipt.url}\n`,
      );
    } catch (error) {
      this.#failure = error;
    }
  }

  /** @throws FatalError `unable to write standard output: <reason>`, unless the reader went away */
  finish(): void {
    if (this.#failure === undefined || errnoName(this.#failure) === "EPIPE") return;
    throw unableTo("write", "standard output", this.#failure);
  }
}
