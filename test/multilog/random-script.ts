/** Random scripts and input for comparing two multilogs. */
export type Random = () => number;

/** A script, and the log directories and status files that it names. */
export interface RandomScript {
  readonly args: readonly string[];
  readonly directories: readonly string[];
  readonly statusFiles: readonly string[];
  readonly isStamped: boolean;
}

/** What patterns are made of: nothing that a stamp is made of, so that they match the same lines at any time. */
const LETTERS = ["x", "y", "z", "é", ".", ":", "["];

export function randomScript(random: Random): RandomScript {
  const isStamped = random() < 0.4;
  const args: string[] = isStamped ? ["t"] : [];
  const directories: string[] = [];
  const statusFiles: string[] = [];
  const count = 1 + below(random, 8);
  for (let index = 0; index < count; index++) {
    const kind = random();
    if (kind < 0.25) args.push(`${random() < 0.5 ? "-" : "+"}${randomPattern(random, isStamped)}`);
    else if (kind < 0.33) args.push("e");
    else if (kind < 0.4) {
      statusFiles.push(`status${index}`);
      args.push(`=status${index}`);
    } else if (kind < 0.5) args.push(`s${pick(random, [0, 4096, 4097, 5000, 8192, 20_000, 99_999])}`);
    // Pruning a stamped file could leave half a stamp at the beginning.
    else if (kind < 0.55) args.push(isStamped ? "n100" : `n${below(random, 6)}`);
    else if (kind < 0.58) args.push(pick(random, ["!tr x y", "!cat; cat <&4 >&5; echo z >&5", "!"]));
    else if (kind < 0.62) args.push(pick(random, ["x", "T", "a/b", "", args.length > 0 ? "t" : "y"]));
    else {
      directories.push(`./d${index}`);
      args.push(`./d${index}`);
    }
  }
  return { args, directories, statusFiles, isStamped };
}

function randomPattern(random: Random, isStamped: boolean): string {
  let pattern = isStamped && random() < 0.8 ? "*" : "";
  const count = below(random, 5);
  for (let index = 0; index < count; index++) pattern += random() < 0.4 ? "*" : pick(random, LETTERS);
  return random() < 0.7 ? `${pattern}*` : pattern;
}

/** Lines of 0 to 5000 bytes, many short, some of them binary, the last one perhaps without a newline. */
export function randomInput(random: Random): Buffer {
  const lines: Buffer[] = [];
  const wanted = random() < 0.1 ? 0 : random() < 0.9 ? below(random, 60_000) : below(random, 400_000);
  const longest = pick(random, [3, 20, 100, 300, 1100, 5000]);
  for (let size = 0; size < wanted; ) {
    const line = randomLine(random, below(random, longest + 1));
    lines.push(line, Buffer.from("\n"));
    size += line.length + 1;
  }
  if (random() < 0.4) lines.push(randomLine(random, below(random, longest + 1)));
  return Buffer.concat(lines);
}

function randomLine(random: Random, length: number): Buffer {
  const line = Buffer.alloc(length);
  const isBinary = random() < 0.2;
  const text = Buffer.from(`${LETTERS.join("")} 0123456789abcdef@*`);
  for (let at = 0; at < length; at++) {
    const byte = isBinary ? below(random, 256) : text[below(random, text.length)]!;
    line[at] = byte === 0x0a ? 0 : byte;
  }
  return line;
}

function below(random: Random, limit: number): number {
  return Math.floor(random() * limit);
}

function pick<T>(random: Random, values: readonly T[]): T {
  return values[below(random, values.length)]!;
}
