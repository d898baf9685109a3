const TWO_TO_32 = 4_294_967_296;
/** The first numbers of a sequence still show the seed. */
const passedOver = new Uint32Array(12);

/**
 * A seeded source of random numbers: Chris Doty-Humphrey's sfc32. It uses 32-bit integer operations only, so a seed gives
 * the same numbers on every machine.
 */
export class Random {
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 0;

  constructor(seed: number, stream = 0, purpose = 0) {
    this.reseed(seed, stream, purpose);
  }

  /**
   * Starts the sequence of a seed, a whole number below 2^53, anew. Each stream of a seed, of which 32 bits count, is a
   * sequence of its own, and so it is for each purpose below 2^8.
   */
  reseed(seed: number, stream = 0, purpose = 0): void {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / TWO_TO_32) | (purpose << 24);
    this.#c = stream | 0;
    this.#counter = 1;
    this.fill(passedOver);
  }

  /** A whole number from 0 to 2^32 - 1. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Fills an array with what `next()` would return; the fastest way to have many numbers. */
  fill(target: Uint32Array): void {
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let counter = this.#counter;
    for (let index = 0; index < target.length; index++) {
      const sum = (a + b + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + sum) | 0;
      target[index] = sum;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#counter = counter;
  }

  /** A whole number from 0 to `limit` - 1; `limit` is at most 2^21. */
  below(limit: number): number {
    return Math.floor((this.next() * limit) / TWO_TO_32);
  }
}

export const WHEEL_BITS = 13;
const WHEEL_SIZE = 1 << WHEEL_BITS;

/**
 * A table in which each index takes as many of the 2^13 places as its weight says, so that a weighted choice is one
 * look-up. An index may get no place if its weight is less than a place is worth.
 */
export function wheel(weights: readonly number[]): Uint16Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const places = new Uint16Array(WHEEL_SIZE);
  let passed = 0;
  let from = 0;
  for (const [index, weight] of weights.entries()) {
    if (weight === 0) continue;
    passed += weight;
    const to = Math.ceil((passed * WHEEL_SIZE) / total);
    places.fill(index, from, to);
    from = to;
  }
  return places;
}
