/**
 * Steps of 16 bytes with SIMD, of 8 without: what is read may lie 15 bytes beyond the end, and what is written as well.
 * ASC_FEATURE_SIMD is known when this is compiled, so that each module has one of the two ways.
 */
const NEWLINE: u8 = 0x0a;
const LOW_BITS: u64 = 0x01010101 * 0x100000001;
const LOW_SEVEN: u64 = 0x7f7f7f7f * 0x100000001;

/** Where a byte occurs first; `to` if it does not occur before. */
export function findByte(from: usize, to: usize, byte: u8): usize {
  let at = from;
  if (ASC_FEATURE_SIMD) {
    const wanted = i8x16.splat(byte as i8);
    while (at < to) {
      const mask = i8x16.bitmask(i8x16.eq(v128.load(at), wanted));
      if (mask !== 0) return min(at + ctz(mask), to);
      at += 16;
    }
  } else {
    const wanted = LOW_BITS * (byte as u64);
    while (at < to) {
      const zeros = zeroBytes(load<u64>(at) ^ wanted);
      if (zeros !== 0) return min(at + ((ctz(zeros) >> 3) as usize), to);
      at += 8;
    }
  }
  return to;
}

/** Copies up to the first newline, or up to `to`, and returns where that is. */
export function copyText(from: usize, to: usize, target: usize): usize {
  let at = from;
  let into = target;
  if (ASC_FEATURE_SIMD) {
    const newline = i8x16.splat(NEWLINE as i8);
    while (at < to) {
      const bytes = v128.load(at);
      v128.store(into, bytes);
      const mask = i8x16.bitmask(i8x16.eq(bytes, newline));
      if (mask !== 0) return min(at + ctz(mask), to);
      at += 16;
      into += 16;
    }
  } else {
    const newline = LOW_BITS * (NEWLINE as u64);
    while (at < to) {
      const bytes = load<u64>(at);
      store<u64>(into, bytes);
      const zeros = zeroBytes(bytes ^ newline);
      if (zeros !== 0) return min(at + ((ctz(zeros) >> 3) as usize), to);
      at += 8;
      into += 8;
    }
  }
  return to;
}

/** Copies to a place that does not overlap. */
export function copyBytes(from: usize, to: usize, target: usize): void {
  let at = from;
  let into = target;
  while (at < to) {
    if (ASC_FEATURE_SIMD) {
      v128.store(into, v128.load(at));
      at += 16;
      into += 16;
    } else {
      store<u64>(into, load<u64>(at));
      at += 8;
      into += 8;
    }
  }
}

/** Copies 26 bytes and no more. */
export function copyStamp(from: usize, target: usize): void {
  if (ASC_FEATURE_SIMD) {
    v128.store(target, v128.load(from));
    v128.store(target + 10, v128.load(from + 10));
  } else {
    store<u64>(target, load<u64>(from));
    store<u64>(target + 8, load<u64>(from + 8));
    store<u64>(target + 16, load<u64>(from + 16));
    store<u16>(target + 24, load<u16>(from + 24));
  }
}

/** The highest bit of each byte that is zero, and no other. */
export function zeroBytes(word: u64): u64 {
  return ~(((word & LOW_SEVEN) + LOW_SEVEN) | word | LOW_SEVEN);
}
