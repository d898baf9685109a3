import type { Receipt } from "../pipeline/uploader.ts";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { type Messages, messagesTo, printable } from "../system/message.ts";
import { Outlet } from "../system/outlet.ts";

const READER_WAIT_MS = 1000;

/** Where stored objects are told of. */
export interface ReceiptOutput {
  report(receipt: Receipt): void;
  /** Writes what is left, until the signal gives up what nobody reads. */
  close(abort: AbortSignal): Promise<void>;
  /** @throws FatalError `unable to write standard output: <reason>`, unless the reader went away */
  finish(): void;
}

/**
 * Writes one line for each stored object to standard output. A reader that has gone away, or that does not read, is no
 * reason to stop uploading; a full disk is told at the end.
 */
export class ReceiptLines implements ReceiptOutput {
  readonly #isJson: boolean;
  readonly #messages: Messages;
  readonly #output = new Outlet(1);
  #unread = 0;

  constructor(isJson: boolean, messages: Messages) {
    this.#isJson = isJson;
    this.#messages = messages;
  }

  report(receipt: Receipt): void {
    const line = this.#isJson
      ? jsonLine(receipt)
      : printable(`upload: ${receipt.localName} to ${receipt.url}`);
    if (!this.#output.write(`${line}\n`)) this.#unread++;
  }

  async close(abort: AbortSignal): Promise<void> {
    const left = await this.#output.drain(abort);
    const unread = this.#unread + left;
    if (unread > 0)
      this.#messages.warning(
        `unable to print the receipts of ${unread} stored objects: standard output is not read`,
      );
  }

  finish(): void {
    const { failure } = this.#output;
    if (failure === undefined || errnoName(failure) === "EPIPE") return;
    throw unableTo("write", "standard output", failure);
  }
}

/** Messages to standard error that hold nothing back; `close` leaves out what is not read within a second. */
export function unheldMessages(): { messages: Messages; close(abort: AbortSignal): Promise<void> } {
  const errors = new Outlet(2);
  return {
    messages: messagesTo((line) => errors.write(line)),
    async close(abort) {
      await errors.drain(AbortSignal.any([abort, AbortSignal.timeout(READER_WAIT_MS)]));
    },
  };
}

/** Does work that reports, and tells of all that it has stored also if it fails. */
export async function reportingTo<T>(
  output: ReceiptOutput,
  abort: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } finally {
    await output.close(abort);
  }
}

function jsonLine({ localName, url, sizeBytes, records, attempts }: Receipt): string {
  return JSON.stringify({ event: "upload", local: localName, url, bytes: sizeBytes, records, attempts });
}
