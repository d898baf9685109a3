import { printable } from "../system/printable.ts";
import type { LineFormatter } from "./line-format.ts";
import { labelOf } from "./line-joiner.ts";

const OUTPUT_BYTES = 64 * 1024;

/** Gathers the lines of one or several logs into large writes; those of several are prefixed with the log's name. */
export class Output {
  readonly #prefixes: string[];
  readonly #formatter: LineFormatter;
  readonly #write: (bytes: Uint8Array) => void;
  #chunks: Uint8Array[] = [];
  #byteCount = 0;
  /** Lines of this look, of several logs, to be put in order. */
  #gathered: { readonly label: string; readonly text: Uint8Array }[] = [];
  readonly #lastLabels: string[] = [];

  constructor(names: readonly string[], formatter: LineFormatter, write: (bytes: Uint8Array) => void) {
    this.#prefixes = names.map((name) => (names.length > 1 ? `${printable(name)}: ` : ""));
    this.#formatter = formatter;
    this.#write = write;
  }

  isWanted(line: Uint8Array): boolean {
    return this.#formatter.isWanted(line);
  }

  /** Shows a line, if it is wanted. */
  show(log: number, line: Uint8Array): void {
    const text = this.#format(log, line);
    if (text) this.#add(text);
  }

  #format(log: number, line: Uint8Array): Uint8Array | undefined {
    return this.#formatter.format(line, this.#prefixes[log]!);
  }

  #add(text: Uint8Array): void {
    this.#chunks.push(text);
    this.#byteCount += text.length;
    if (this.#byteCount >= OUTPUT_BYTES) this.#writeOut();
  }

  /** As `show()`, but the lines of several logs are put in the order of their labels before `flush()` writes them. */
  gather(log: number, line: Uint8Array): void {
    if (this.#prefixes.length === 1) {
      this.show(log, line);
      return;
    }
    const label = labelOf(line) ?? this.#lastLabels[log] ?? "";
    this.#lastLabels[log] = label;
    const text = this.#format(log, line);
    if (text) this.#gathered.push({ label, text });
  }

  flush(): void {
    this.#gathered.sort((a, b) => (a.label < b.label ? -1 : a.label > b.label ? 1 : 0));
    for (const { text } of this.#gathered) this.#add(text);
    this.#gathered = [];
    this.#writeOut();
  }

  #writeOut(): void {
    if (this.#chunks.length === 1) this.#write(this.#chunks[0]!);
    else if (this.#byteCount > 0) this.#write(Buffer.concat(this.#chunks));
    this.#chunks = [];
    this.#byteCount = 0;
  }
}
