import { zeroBytes } from "./bytes";

const NEWLINE: u8 = 0x0a;
const NEWLINES: u64 = 0x0a0a0a0a * 0x100000001;
/** So many comparisons of a byte can be counted in a byte. */
const MOST_STEPS: usize = 255;

/** How many newlines there are. */
export function countNewlines(from: usize, to: usize): u32 {
  let count: u32 = 0;
  let at = from;
  if (ASC_FEATURE_SIMD) {
    const newline = i8x16.splat(NEWLINE as i8);
    while (at + 16 <= to) {
      const end = min(to - ((to - at) & 15), at + 16 * MOST_STEPS);
      let counts = i8x16.splat(0);
      for (; at < end; at += 16) counts = i8x16.sub(counts, i8x16.eq(v128.load(at), newline));
      const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(counts));
      const pairs = i64x2.add(i64x2.extend_low_i32x4_u(sums), i64x2.extend_high_i32x4_u(sums));
      count += (i64x2.extract_lane(pairs, 0) + i64x2.extract_lane(pairs, 1)) as u32;
    }
  } else {
    for (; at + 8 <= to; at += 8) count += popcnt(zeroBytes(load<u64>(at) ^ NEWLINES)) as u32;
  }
  for (; at < to; at++) if (load<u8>(at) === NEWLINE) count++;
  return count;
}

/** Behind the last newline; `from` if there is none. */
export function lastLineEnd(from: usize, to: usize): usize {
  let at = to;
  if (ASC_FEATURE_SIMD) {
    const newline = i8x16.splat(NEWLINE as i8);
    while (at - from >= 16) {
      at -= 16;
      const mask = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
      if (mask !== 0) return at + 32 - clz(mask);
    }
  } else {
    while (at - from >= 8) {
      at -= 8;
      const zeros = zeroBytes(load<u64>(at) ^ NEWLINES);
      if (zeros !== 0) return at + 8 - ((clz(zeros) >> 3) as usize);
    }
  }
  while (at > from && load<u8>(at - 1) !== NEWLINE) at--;
  return at;
}

/** Behind the newline of this number, the first being 1; 0 if there are not so many. */
export function lineEnd(from: usize, to: usize, number: u32): usize {
  let left = number;
  let at = from;
  if (ASC_FEATURE_SIMD) {
    const newline = i8x16.splat(NEWLINE as i8);
    for (; at + 16 <= to; at += 16) {
      const mask = i8x16.bitmask(i8x16.eq(v128.load(at), newline));
      const count = popcnt(mask) as u32;
      if (count >= left) break;
      left -= count;
    }
  } else {
    for (; at + 8 <= to; at += 8) {
      const count = popcnt(zeroBytes(load<u64>(at) ^ NEWLINES)) as u32;
      if (count >= left) break;
      left -= count;
    }
  }
  for (; at < to; at++) if (load<u8>(at) === NEWLINE && --left === 0) return at + 1;
  return 0;
}
