import type { Receipt } from "../pipeline/uploader.ts";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { type Messages, messagesTo, withoutInfos } from "../system/message.ts";
import { Outlet } from "../system/outlet.ts";
import { jsonText, printable } from "../system/printable.ts";
import type { Progress } from "./progress.ts";

const READER_WAIT_MS = 1000;

/** Where stored objects are told of. */
export interface ReceiptOutput {
  report(receipt: Receipt): void;
  /** Writes what is left, until the signal gives up what nobody reads, and warns of what could not be told. */
  close(abort: AbortSignal): Promise<void>;
}

/**
 * Writes one line for each stored object to standard output, unless quiet is asked for. A reader that has gone away, or that does not read, and a
 * full disk are no reason to stop uploading, nor to call what is stored a failure.
 */
export class ReceiptLines implements ReceiptOutput {
  readonly #isJson: boolean;
  readonly #isQuiet: boolean;
  readonly #messages: Messages;
  readonly #output: Outlet;
  #unread = 0;

  constructor(isJson: boolean, messages: Messages, progress: Progress) {
    this.#isJson = isJson;
    this.#isQuiet = progress.isQuiet;
    this.#messages = messages;
    this.#output = process.stdout.isTTY ? new Outlet(1, (write) => progress.beside(write)) : new Outlet(1);
  }

  report(receipt: Receipt): void {
    if (this.#isQuiet) return;
    const line = this.#isJson
      ? jsonLine(receipt)
      : printable(`upload: ${receipt.localName} to ${receipt.url}`);
    if (!this.#output.write(`${line}\n`)) this.#unread++;
  }

  async close(abort: AbortSignal): Promise<void> {
    const left = await this.#output.drain(abort);
    const unread = this.#unread + left;
    const { failure } = this.#output;
    if (unread === 0 || errnoName(failure) === "EPIPE") return;
    const reason = failure === undefined ? "standard output is not read" : reasonOf(failure);
    this.#messages.warning(`unable to print the receipts of ${unread} stored objects: ${reason}`);
  }
}

/** Messages to standard error that hold nothing back; `close` leaves out what is not read within a second. */
export function unheldMessages(progress: Progress): {
  messages: Messages;
  close(abort: AbortSignal): Promise<void>;
} {
  const errors = new Outlet(2, (write) => progress.beside(write));
  const messages = messagesTo((line) => errors.write(line));
  return {
    messages: progress.isQuiet ? withoutInfos(messages) : messages,
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
  return jsonText({ event: "upload", local: localName, url, bytes: sizeBytes, records, attempts });
}
