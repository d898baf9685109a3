import { isatty } from "node:tty";
import { PrintableStream } from "./printable.ts";

type Write = (data: Uint8Array) => void;

/**
 * Where the bytes of strangers go: to a terminal so that they do nothing to it, elsewhere as they are.
 *
 * @param write Writes to the descriptor.
 */
export function shownOn(fd: number, write: Write): { readonly write: Write; end(): void } {
  if (!isatty(fd)) return { write, end() {} };
  const stream = new PrintableStream();
  return {
    write: (data) => write(Buffer.from(stream.take(data))),
    end() {
      const rest = stream.end();
      if (rest !== "") write(Buffer.from(rest));
    },
  };
}
