import { LINE_BYTES } from "../lines/layout.ts";
import { errnoName } from "../system/errno.ts";
import { unableTo } from "../system/errors.ts";
import { attempt } from "./log-directory.ts";
import type { Surroundings } from "./surroundings.ts";

/** The file of an action `=`: the latest line, filled up with newlines to 1001 bytes. */
export interface StatusFile {
  /** Waits while it cannot be written. @param line Without its newline; undefined if there is no later one. */
  write(line: Uint8Array | undefined): void;
}

/** @throws FatalError `unable to create <file>: <reason>` or `unable to write <file>: <reason>` */
export function openStatusFile(name: string, { files, obstacles }: Surroundings): StatusFile {
  attempt("create", name, () => files.close(files.openToAppend(name, 0o600)));
  const fd = attempt("write", name, () => files.openToWrite(name));
  const content = Buffer.alloc(LINE_BYTES + 1);
  return {
    write(line) {
      if (!line) return;
      content.set(line);
      content.fill("\n", line.length);
      obstacles.overcome(() => {
        try {
          if (files.writeAt(fd, content, 0) === content.length) return;
        } catch (error) {
          const verb = errnoName(error) === "ESPIPE" ? "move to beginning of" : "write";
          throw unableTo(verb, `${name}, pausing`, error);
        }
        throw unableTo("write", `${name}, pausing`, "only a part was written");
      });
    },
  };
}
