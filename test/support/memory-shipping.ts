import type { Listed } from "../../src/destination/destination.ts";
import type { Judge } from "../../src/ship/judge.ts";
import type { OutgoingPiece, ShipHost, ShipSettings, Source } from "../../src/ship/source.ts";

/** Small pieces, as soon as there is a line. */
export const SMALL_PIECES: ShipSettings = {
  host: "h",
  template: "host={host}/source={source}/dt={date}/hour={hour}/{name}.{generation}.{offset}.log",
  isGzip: false,
  limits: { pieceBytes: 2000, lineBytes: 100_000 },
  maxAgeMs: 1,
  holdMaxBytes: 2 ** 30,
  from: "start",
  isOnce: false,
};

/** A destination in memory, and the program around what ships to it: its clock goes on when it is asked. */
export class MemoryDestination {
  readonly stored: Map<string, Buffer>;
  readonly warnings: string[] = [];
  elapsedMs = 0;

  constructor(stored: ReadonlyMap<string, Buffer> = new Map()) {
    this.stored = new Map(stored);
  }

  get lines(): string[] {
    return [...this.stored.values()].flatMap((bytes) => bytes.toString().split("\n").filter(Boolean));
  }

  /**
   * @returns false if other bytes have the key, which stay
   * @throws Error in that case, unless it may come to that
   */
  store({ key, bytes }: Pick<OutgoingPiece, "key" | "bytes">, mayBeTaken = false): boolean {
    const before = this.stored.get(key);
    const content = Buffer.from(bytes);
    const isTaken = before !== undefined && !before.equals(content);
    if (isTaken && !mayBeTaken) throw new Error(`${key} is written again with other bytes`);
    if (!isTaken) this.stored.set(key, content);
    return !isTaken;
  }

  host(): ShipHost {
    const find = async (key: string) => {
      const bytes = this.stored.get(key);
      if (!bytes) return undefined;
      const crc32 = Bun.hash.crc32(bytes).toString(16).padStart(8, "0");
      return { sizeBytes: bytes.length, metadata: { bytes: String(bytes.length), crc32 } };
    };
    const list = async ({ prefix, after, isFlat }: Listed) => {
      const below = [...this.stored.keys()].filter((key) => key.startsWith(prefix));
      const names = below.map((key) => {
        const end = isFlat ? key.indexOf("/", prefix.length) : -1;
        return end < 0 ? key : key.slice(0, end + 1);
      });
      return { keys: [...new Set(names)].filter((key) => key > after).sort(), isCut: false };
    };
    const messages = {
      warning: (text: string) => this.warnings.push(text),
      info: () => {},
    };
    return {
      messages,
      uploader: {
        find,
        list,
        locate: (key: string) => `memory:${key}`,
        destinationName: "memory",
        keepsMetadata: true,
        isFailing: false,
      },
      abort: new AbortController().signal,
      clock: () => ({ wallMs: Date.now(), elapsedMs: ++this.elapsedMs }),
      openFilesLimit: 100_000,
      allocate: (size: number) => new Uint8Array(size),
      release: () => {},
    } as unknown as ShipHost;
  }
}

/** The next piece of a source, also if it first has to be found out what is stored. */
export async function nextPieceOf(source: Source, judge: Judge): Promise<OutgoingPiece | undefined> {
  const next = await source.nextPiece();
  if (next || judge.looking === 0) return next;
  while (judge.looking > 0) await new Promise((resolve) => setImmediate(resolve));
  return source.nextPiece();
}
