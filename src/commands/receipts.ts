import type { Receipt } from "../pipeline/uploader.ts";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { printable } from "../system/message.ts";
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
      const line = this.#isJson
        ? jsonLine(receipt)
        : printable(`upload: ${receipt.localName} to ${receipt.url}`);
      writeOutput(`${line}\n`);
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

function jsonLine({ localName, url, sizeBytes, records, attempts }: Receipt): string {
  return JSON.stringify({ event: "upload", local: localName, url, bytes: sizeBytes, records, attempts });
}
