/** Writes numbers as decimal digits. Each writer may leave rubbish in the bytes after what it returns, up to 4. */

/** The four digits of each number below 10 000, the first one in the lowest byte. */
const FOUR_DIGITS = new Uint32Array(10_000);
for (let value = 0; value < 10_000; value++) {
  const thousands = (value / 1000) | 0;
  const hundreds = ((value / 100) | 0) % 10;
  const tens = ((value / 10) | 0) % 10;
  FOUR_DIGITS[value] = 0x30303030 | thousands | (hundreds << 8) | (tens << 16) | ((value % 10) << 24);
}

/** Writes a whole number below 2^32 and returns where it ends. */
export function writeNumber(view: DataView, at: number, value: number): number {
  if (value < 10_000) return writeShort(view, at, value);
  const high = (value / 10_000) | 0;
  const end = high < 10_000 ? writeShort(view, at, high) : writeNumber(view, at, high);
  view.setUint32(end, FOUR_DIGITS[value - high * 10_000]!, true);
  return end + 4;
}

function writeShort(view: DataView, at: number, value: number): number {
  const length = 1 + Number(value > 9) + Number(value > 99) + Number(value > 999);
  view.setUint32(at, FOUR_DIGITS[value]! >>> (32 - 8 * length), true);
  return at + length;
}

/** Writes milliseconds as seconds with three decimals, `0.042`, and returns where they end. */
export function writeSeconds(view: DataView, at: number, ms: number): number {
  const seconds = (ms / 1000) | 0;
  const point = writeNumber(view, at, seconds);
  // The first of the four digits is always 0; a point takes its place.
  view.setUint32(point, FOUR_DIGITS[ms - seconds * 1000]! - (0x30 - 0x2e), true);
  return point + 4;
}
