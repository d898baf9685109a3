import type { OutgoingPiece, ShipHost, ShipSettings } from "../../src/ship/source.ts";

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

  /** @throws Error if other bytes have the key */
  store({ key, bytes }: Pick<OutgoingPiece, "key" | "bytes">): void {
    const before = this.stored.get(key);
    const content = Buffer.from(bytes);
    if (before && !before.equals(content)) throw new Error(`${key} is written again with other bytes`);
    this.stored.set(key, content);
  }

  host(): ShipHost {
    const find = async (key: string) => {
      const bytes = this.stored.get(key);
      if (!bytes) return undefined;
      const crc32 = Bun.hash.crc32(bytes).toString(16).padStart(8, "0");
      return { sizeBytes: bytes.length, metadata: { bytes: String(bytes.length), crc32 } };
    };
    const messages = {
      warning: (text: string) => this.warnings.push(text),
      info: () => {},
    };
    return {
      messages,
      uploader: { find, destinationName: "memory", isFailing: false },
      abort: new AbortController().signal,
      clock: () => ({ wallMs: Date.now(), elapsedMs: ++this.elapsedMs }),
      openFilesLimit: 100_000,
      allocate: (size: number) => new Uint8Array(size),
      release: () => {},
    } as unknown as ShipHost;
  }
}
