/** x^0 and x^8 as polynomials over GF(2), the highest power in the lowest bit, as CRC-32 has them (RFC 1952, section 8). */
const ONE = 0x80000000;
const X_TO_8 = 0x00800000;
const POLYNOMIAL = 0xedb88320;

/**
 * The CRC-32 of two contents one after the other, of their own. A content needs not be gone through once more for the sum
 * over all of which it is a part: appending n bytes multiplies the sum of what is before by x^8n.
 *
 * @param second That of the second, which has so many bytes, a whole number below 2^53.
 */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let power = ONE;
  let square = X_TO_8;
  for (let left = secondBytes; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) power = product(power, square);
    square = product(square, square);
  }
  return (product(power, first) ^ second) >>> 0;
}

/** Modulo the polynomial. */
function product(one: number, other: number): number {
  let sum = 0;
  let shifted = other;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((one & bit) !== 0) sum ^= shifted;
    shifted = (shifted >>> 1) ^ ((shifted & 1) === 0 ? 0 : POLYNOMIAL);
  }
  return sum >>> 0;
}
