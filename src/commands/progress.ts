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

/** How far the objects of a listing have been looked at, which is not yet at its end itself. */
export interface LookProgress {
  looked(key: string, sizeBytes: number, listed: number, isListed: boolean): void;
  /** Takes the bar away for as long as something else is written. */
  without(write: () => void): void;
  stop(): void;
}

/** A progress bar on standard error for `verify`. */
export async function lookProgress(): Promise<LookProgress> {
  const { SingleBar } = await import("cli-progress");
  const bar = new SingleBar({
    stream: process.stderr,
    format: "verify [{bar}] {value}/{total}{more} objects, {megabytes} MB, {name}",
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: false,
  });
  let bytes = 0;
  let isStopped = false;
  bar.start(1, 0, { name: "", more: "+", megabytes: "0" });
  return {
    looked(key, sizeBytes, listed, isListed) {
      bytes += sizeBytes;
      bar.setTotal(listed);
      const megabytes = Math.round(bytes / 1e6);
      bar.increment(1, { name: printable(key), more: isListed ? "" : "+", megabytes });
    },
    without(write) {
      if (isStopped) return write();
      process.stderr.write("\r\x1b[K");
      write();
      bar.updateETA();
      bar.render();
    },
    stop() {
      isStopped = true;
      bar.stop();
    },
  };
}
