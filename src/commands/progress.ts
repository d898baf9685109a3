import { printable } from "../system/message.ts";
import type { ReceiptOutput } from "./receipts.ts";

/** A progress bar on standard error, for a person who watches. */
export async function progressBar(total: number): Promise<ReceiptOutput> {
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    stream: process.stderr,
    format: "upload [{bar}] {value}/{total} files, {eta_formatted} left, {name}",
    hideCursor: true,
    clearOnComplete: false,
  });
  bar.start(total, 0, { name: "" });
  return {
    report: ({ localName }) => bar.increment(1, { name: printable(localName) }),
    close: async () => bar.stop(),
    finish: () => {},
  };
}
