import { nextGeneration } from "../contract/generation-id.ts";
import { keyOf } from "../contract/shipped-key.ts";
import { shippedMetadata } from "../contract/shipped-metadata.ts";
import type { StdinReader } from "../system/stdin-reader.ts";
import { countLines } from "./cut.ts";
import type { Instant, Lag } from "./generation.ts";
import type { OutgoingPiece, ShipHost, ShipSettings, Source } from "./source.ts";
import { checksumOf } from "./state.ts";

const NAME = "stdin";
const NEWLINE = 0x0a;
const CHUNK_BYTES = 256 * 1024;
const LONGEST_WAIT_MS = 20;

/**
 * Standard input, which has no second copy: no more of it is read than one piece beside those that are being uploaded, and
 * when it is asked to stop, what is in the pipe at that moment still counts.
 */
export class StdinSource implements Source {
  readonly name = "standard input";
  readonly directories = [];
  readonly problem = undefined;
  readonly lostBytes = 0;
  readonly outlastsStop = true;
  readonly intendedCount = 0;
  acknowledgedMs = 0;
  shippedBytes = 0;
  readonly #settings: ShipSettings;
  readonly #host: ShipHost;
  readonly #generation: string;
  #buffer: Uint8Array;
  #usedBytes = 0;
  #hasNewline = false;
  /** Of the buffer's first byte in the stream. */
  #position = 0;
  #waitingBytes = 0;
  #begunAt: Instant | undefined;
  #hasEnded = false;
  #onTaken = () => {};
  /** Called when there may be a piece. */
  onReady = () => {};

  constructor(settings: ShipSettings, host: ShipHost) {
    this.#settings = settings;
    this.#host = host;
    this.#generation = nextGeneration(host.clock().wallMs, undefined);
    this.#buffer = host.allocate(settings.limits.pieceBytes);
  }

  get isReported(): boolean {
    return this.lag.bytes === 0;
  }

  get lag(): Lag {
    const bytes = this.#usedBytes + this.#waitingBytes;
    return { bytes, sinceMs: bytes > 0 ? this.#begunAt?.wallMs : undefined };
  }

  get isDrained(): boolean {
    return this.#hasEnded && this.#usedBytes === 0;
  }

  /** Bytes read of which no piece was made. */
  get uncutBytes(): number {
    return this.#usedBytes;
  }

  get cut(): number {
    return this.#position;
  }

  look(): void {}

  close(): void {}

  /** Reads until the end, or until it is asked to stop. @throws what reading throws */
  async pump(input: StdinReader, stop: AbortSignal): Promise<void> {
    const chunk = new Uint8Array(CHUNK_BYTES);
    let waitMs = 1;
    while (!stop.aborted) {
      const count = input.isReady() ? await input.read(chunk) : undefined;
      if (count === 0) break;
      if (count === undefined) {
        await Bun.sleep(waitMs);
        waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
        continue;
      }
      waitMs = 1;
      await this.#add(chunk.subarray(0, count));
    }
    if (stop.aborted) {
      for (let left = input.readableBytes(); left > 0; ) {
        const count = await input.read(chunk.subarray(0, left));
        if (!count) break;
        await this.#add(chunk.subarray(0, count));
        left -= count;
      }
    }
    this.#hasEnded = true;
    this.onReady();
  }

  async nextPiece(): Promise<OutgoingPiece | undefined> {
    if (!this.#isRipe()) return undefined;
    const used = this.#buffer.subarray(0, this.#usedBytes);
    const newline = used.lastIndexOf(NEWLINE) + 1;
    const isWhole = this.#hasEnded || newline === 0;
    const bytes = isWhole ? used : used.subarray(0, newline);
    const rest = used.subarray(bytes.length);
    this.#buffer = this.#host.allocate(Math.max(this.#settings.limits.pieceBytes, rest.length));
    this.#buffer.set(rest);
    this.#usedBytes = rest.length;
    this.#hasNewline = false;
    const piece = this.#pieceOf(bytes);
    this.#position += bytes.length;
    this.#begunAt = rest.length > 0 ? this.#host.clock() : undefined;
    this.#onTaken();
    return piece;
  }

  #isRipe(): boolean {
    if (this.#usedBytes === 0) return false;
    const { limits, maxAgeMs } = this.#settings;
    if (this.#hasEnded || this.#usedBytes >= limits.lineBytes) return true;
    const isOld = this.#host.clock().elapsedMs - this.#begunAt!.elapsedMs >= maxAgeMs;
    return this.#hasNewline && (isOld || this.#usedBytes === this.#buffer.length);
  }

  async #add(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const room = this.#buffer.length - this.#usedBytes;
      if (room === 0) {
        await this.#makeRoom();
        continue;
      }
      const taken = rest.subarray(0, room);
      this.#begunAt ??= this.#host.clock();
      this.#buffer.set(taken, this.#usedBytes);
      this.#usedBytes += taken.length;
      this.#hasNewline ||= taken.includes(NEWLINE);
      rest = rest.subarray(taken.length);
    }
  }

  /** Waits until a full piece is taken; a single line that is longer gets more room. */
  async #makeRoom(): Promise<void> {
    const { lineBytes } = this.#settings.limits;
    if (!this.#hasNewline && this.#usedBytes < lineBytes) {
      const larger = new Uint8Array(Math.min(lineBytes, 2 * this.#buffer.length));
      larger.set(this.#buffer);
      this.#host.release(this.#buffer);
      this.#buffer = larger;
      return;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onTaken = resolve;
    this.onReady();
    await promise;
  }

  #pieceOf(bytes: Uint8Array): OutgoingPiece {
    const { host, template, isGzip } = this.#settings;
    const first = this.#position;
    const last = first + bytes.length;
    const names = { host, source: NAME, generation: this.#generation };
    const begunAtMs = this.#begunAt!.wallMs;
    const facts = { ...names, first, last, start: 0, previous: undefined, lostBytes: 0 };
    this.#waitingBytes += bytes.length;
    return {
      localName: `${NAME}:${first}-${last}`,
      key: keyOf(template, { ...names, name: NAME, offset: first, begunAtMs }),
      isGzip,
      bytes,
      records: countLines(bytes),
      metadata: shippedMetadata({ ...facts, crc32: checksumOf(bytes) }),
      acknowledge: () => {
        this.#waitingBytes -= bytes.length;
        this.shippedBytes += bytes.length;
        this.acknowledgedMs = this.#host.clock().wallMs;
      },
    };
  }
}
