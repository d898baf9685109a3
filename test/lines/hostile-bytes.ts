import { bestWidth, type Width } from "../../src/lines/line-memory.ts";

/** SIMD first, where it is there: with BUN_JSC_useWasmSIMD=0 in the environment it is not, as on a processor without AVX. */
export const WIDTHS: readonly Width[] = bestWidth() === "simd" ? ["simd", "scalar"] : ["scalar"];

const NEWLINE = 0x0a;
/** What steps of several bytes may take for a newline, for a star, or for an end. */
const CONFUSING = Uint8Array.of(0x0a, 0x0b, 0x08, 0x09, 0x8a, 0x8b, 0x00, 0x01, 0x80, 0xff, 0x2a, 0x20);

/** Around the steps of 8, 16 and 64 bytes, and around 1000 bytes. */
export function* hostileLengths(): Generator<number> {
  for (let length = 0; length <= 70; length++) yield length;
  for (let length = 960; length <= 1045; length++) yield length;
  yield* [2047, 2048, 2049, 4079, 4080, 4081, 4095, 4096, 4097];
}

export function pick<T>(random: () => number, choices: ArrayLike<T>): T {
  return choices[Math.floor(random() * choices.length)]!;
}

/** So many bytes of one of several kinds: confusing ones, any, lines of some length, newlines only, none at all. */
export function hostileBytes(random: () => number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const kind = Math.floor(random() * 6);
  const lineBytes = pick(random, [1, 7, 8, 15, 16, 17, 200, 973, 974, 975, 999, 1000, 1001, 1024, 3000]);
  for (let at = 0; at < length; at++) {
    const isEnd = random() < 1 / (lineBytes + 1);
    if (kind === 0) bytes[at] = pick(random, CONFUSING);
    else if (kind === 1) bytes[at] = random() * 256;
    else if (kind === 2) bytes[at] = NEWLINE;
    else if (kind === 3) bytes[at] = 0x61;
    else if (kind === 4)
      bytes[at] = at % (lineBytes + 1) === lineBytes ? NEWLINE : pick(random, CONFUSING) | 0x20;
    else bytes[at] = isEnd ? NEWLINE : pick(random, [0x20, 0x61, 0x62, 0x2a]);
  }
  return bytes;
}
