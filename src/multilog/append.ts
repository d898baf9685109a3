import { unableTo } from "../system/errors.ts";
import { attemptPausing, type LogDirectory } from "./log-directory.ts";
import { rotate } from "./rotation.ts";
import { type Delivery, findSplits } from "./split.ts";
import type { Surroundings } from "./surroundings.ts";

const NEWLINE = 0x0a;

/**
 * Writes the first `length` bytes of a delivery to `current`, rotating where daemontools would, waiting while it cannot
 * be done. When it returns, all of them are in the directory's files, though not forced to disk.
 */
export function append(
  log: LogDirectory,
  delivery: Delivery,
  length: number,
  surroundings: Surroundings,
): void {
  const { sizeBytes } = log.settings;
  const { currentBytes, isInLine } = log;
  let from = 0;
  for (const split of findSplits(delivery, length, { sizeBytes, currentBytes, isInLine })) {
    write(log, delivery.bytes, from, split, surroundings);
    surroundings.obstacles.overcome(() => rotate(log, surroundings));
    from = split;
  }
  write(log, delivery.bytes, from, length, surroundings);
  log.isInLine = delivery.bytes[length - 1] !== NEWLINE;
}

function write(
  log: LogDirectory,
  bytes: Buffer,
  from: number,
  to: number,
  { files, obstacles }: Surroundings,
): void {
  while (from < to) {
    const written = obstacles.overcome(() => {
      const path = `${log.name}/current`;
      const count = attemptPausing("write to", path, () => files.write(log.current, bytes, from, to - from));
      if (count === 0) throw unableTo("write to", `${path}, pausing`, "nothing was written");
      return count;
    });
    log.currentBytes += written;
    log.writtenBytes += written;
    from += written;
  }
}
