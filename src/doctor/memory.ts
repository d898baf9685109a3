import { sizeText } from "../system/quantity-text.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, ok, unseen, warning } from "./finding.ts";

/** What uploading with four connections takes at most. */
const NEEDED_BYTES = 128 * 1024 ** 2;

/** @param memoryInfo The text of /proc/meminfo. */
export function checkMemory(memoryInfo: string): Finding[] {
  const bytesOf = (name: string) => {
    const kilobytes = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(memoryInfo)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  };
  // Kernels before 3.14 do not name what is available.
  const available = bytesOf("MemAvailable") ?? (bytesOf("MemFree") ?? 0) + (bytesOf("Cached") ?? 0);
  const total = bytesOf("MemTotal");
  if (total === undefined) return [unseen("memory", "/proc/meminfo does not tell", shell`free -m`)];
  const text = `${sizeText(available)} of ${sizeText(total)} available`;
  if (available >= NEEDED_BYTES) return [ok("memory", text)];
  const remedy = shell`ps -eo rss,pid,args --sort=-rss | head`;
  return [warning("memory", `only ${text}; logship takes up to ${sizeText(NEEDED_BYTES)}`, remedy)];
}
