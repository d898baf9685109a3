import {
  ADDRESS,
  NUMBER,
  PRINTABLE_TEXT,
  RECORD_COUNT,
  RECORD_STEP_BYTES,
  RECORD_STEP_LITERAL,
  RECORD_STEP_MASK,
  RECORD_STEPS_AT,
  RECORD_STEPS_END,
  SECONDS,
  STATUS,
  TEXT,
  TIME,
  TIME_AT,
  TIME_BYTES,
  TIME_MASK,
  WORD,
} from "../layout";
import { setWord, wordAt } from "./words";

const QUOTE: u8 = 0x22;
const DOT: u8 = 0x2e;
const SPACE: u8 = 0x20;
const BACKSLASH: u8 = 0x5c;
const TILDE: u8 = 0x7e;
const COLON: u8 = 0x3a;
const NOWHERE: usize = 0;

/**
 * Takes the records that are of the layout and have the time of the one before. Whatever else a record has, an escape or a
 * fault, is for the caller to look at.
 *
 * @returns where the first record begins that is not taken
 */
export function takeRecords(from: usize, to: usize): usize {
  let start = from;
  let count: u32 = 0;
  while (start < to) {
    const end = recordEnd(start, to);
    if (end === NOWHERE) break;
    start = end;
    count++;
  }
  setWord(RECORD_COUNT, count);
  return start;
}

function recordEnd(start: usize, to: usize): usize {
  const stepsEnd: usize = wordAt(RECORD_STEPS_END);
  const timeBytes: usize = wordAt(TIME_BYTES);
  let at = start;
  for (let step: usize = wordAt(RECORD_STEPS_AT); step < stepsEnd; step += RECORD_STEP_BYTES) {
    const kind = load<u32>(step);
    const literal = step + RECORD_STEP_LITERAL;
    // What is beyond the end is of an earlier time, and may be what is wanted: the end is looked at below.
    if (at > to || !isSame(at, literal, step + RECORD_STEP_MASK)) return NOWHERE;
    at += load<u32>(step, 4) as usize;
    if (kind === TEXT || kind === PRINTABLE_TEXT) {
      at = pastText(at, to, SPACE, kind === PRINTABLE_TEXT ? TILDE : 0xff, BACKSLASH);
      if (at >= to || load<u8>(at) !== QUOTE) return NOWHERE;
    } else if (kind === TIME) {
      if (timeBytes === 0 || at > to || !isSame(at, TIME_AT, TIME_MASK)) return NOWHERE;
      at += timeBytes;
      if (isOfTime(load<u8>(at))) return NOWHERE; // a longer time
    } else if (kind === NUMBER) {
      const end = pastDigits(at, to);
      if (end === at) return NOWHERE;
      at = end;
    } else if (kind === SECONDS) {
      const point = pastDigits(at, to);
      if (point === at || point >= to || load<u8>(point) !== DOT) return NOWHERE;
      at = pastDigits(point + 1, to);
      if (at !== point + 4) return NOWHERE;
    } else if (kind === STATUS) {
      const end = pastDigits(at, to);
      if (end !== at + 3) return NOWHERE;
      at = end;
    } else if (kind === ADDRESS || kind === WORD) {
      const end = kind === ADDRESS ? pastAddress(at, to) : pastText(at, to, SPACE + 1, TILDE, QUOTE);
      if (end === at) return NOWHERE;
      at = end;
    }
  }
  return at > to ? NOWHERE : at;
}

/** Compares those bits of 32 bytes that count. */
function isSame(bytes: usize, wanted: usize, mask: usize): bool {
  if (ASC_FEATURE_SIMD) {
    const low = v128.and(v128.xor(v128.load(bytes), v128.load(wanted)), v128.load(mask));
    const high = v128.and(v128.xor(v128.load(bytes, 16), v128.load(wanted, 16)), v128.load(mask, 16));
    return !v128.any_true(v128.or(low, high));
  }
  let different: u64 = 0;
  for (let at: usize = 0; at < 32; at += 8)
    different |= (load<u64>(bytes + at) ^ load<u64>(wanted + at)) & load<u64>(mask + at);
  return different === 0;
}

/** Where a byte comes that is below `least`, above `most`, a quotation mark or `other`. */
function pastText(from: usize, to: usize, least: u8, most: u8, other: u8): usize {
  let at = from;
  if (ASC_FEATURE_SIMD) {
    while (at < to) {
      const bytes = v128.load(at);
      const ends = v128.or(
        i8x16.eq(bytes, i8x16.splat(QUOTE as i8)),
        i8x16.eq(bytes, i8x16.splat(other as i8)),
      );
      const beyond = v128.or(
        i8x16.lt_u(bytes, i8x16.splat(least as i8)),
        i8x16.gt_u(bytes, i8x16.splat(most as i8)),
      );
      const mask = i8x16.bitmask(v128.or(ends, beyond));
      if (mask !== 0) return at + ctz(mask);
      at += 16;
    }
  } else {
    for (; at < to; at++) {
      const byte = load<u8>(at);
      if (byte === QUOTE || byte === other || byte < least || byte > most) return at;
    }
  }
  return at;
}

function isDigit(byte: u8): bool {
  return byte >= 0x30 && byte <= 0x39;
}

/** Digits, letters, and what times of logs have between them. */
function isOfTime(byte: u8): bool {
  const letter = byte | 0x20;
  if (isDigit(byte) || (letter >= 0x61 && letter <= 0x7a)) return true;
  return byte === COLON || byte === 0x2b || byte === 0x2f || byte === SPACE || byte === 0x2d;
}

function pastDigits(from: usize, to: usize): usize {
  let at = from;
  if (ASC_FEATURE_SIMD) {
    while (at < to) {
      const values = i8x16.sub(v128.load(at), i8x16.splat(0x30));
      const mask = i8x16.bitmask(i8x16.gt_u(values, i8x16.splat(9)));
      if (mask !== 0) return at + ctz(mask);
      at += 16;
    }
  } else while (at < to && isDigit(load<u8>(at))) at++;
  return at;
}

/** Hexadecimal digits, colons and dots. */
function pastAddress(from: usize, to: usize): usize {
  let at = from;
  if (ASC_FEATURE_SIMD) {
    while (at < to) {
      const bytes = v128.load(at);
      const letters = i8x16.sub(v128.or(bytes, i8x16.splat(0x20)), i8x16.splat(0x61));
      const isHexadecimal = v128.or(
        i8x16.le_u(i8x16.sub(bytes, i8x16.splat(0x30)), i8x16.splat(10)), // the colon follows the digits
        i8x16.le_u(letters, i8x16.splat(5)),
      );
      const mask = ~i8x16.bitmask(v128.or(isHexadecimal, i8x16.eq(bytes, i8x16.splat(DOT as i8)))) & 0xffff;
      if (mask !== 0) return at + ctz(mask);
      at += 16;
    }
  } else {
    for (; at < to; at++) {
      const byte = load<u8>(at);
      const isHexadecimal = isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
      if (!isHexadecimal && byte !== COLON && byte !== DOT) return at;
    }
  }
  return at;
}
