import { connect } from "node:net";
import { LONGEST_TIMER_MS } from "../system/sleep.ts";
import { timedOut } from "./deadline.ts";

/**
 * Opens a connection to a server and closes it again.
 *
 * @throws what opening it failed with, an error with the code `ETIMEDOUT`, or the signal's reason
 */
export function tryConnection(url: URL, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const settle = (error?: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const onAbort = () => settle(signal.reason);
    const timer = setTimeout(() => settle(timedOut()), Math.min(timeoutMs, LONGEST_TIMER_MS));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle());
    socket.once("error", settle);
  });
}
