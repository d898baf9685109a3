import {
  BEGUN_BYTES,
  GROUP_AT,
  GROUP_BYTES,
  GROUP_COUNT,
  GROUP_LIMIT,
  GROUP_WORDS_BYTES,
  GROUPS_AT,
  INPUT_AT,
  INPUT_END,
  IS_CUT,
  IS_SELECTED,
  LINE_BYTES,
  NEXT_READ_END,
  READ_BYTES,
  READ_END_COUNT,
  READ_ENDS_AT,
  SHOWN_BYTES,
  SHOWN_LIMIT,
  STAMP,
  STAMP_AT,
  STAMP_BYTES,
  STEPS_AT,
  STEPS_END,
} from "../layout";
import { copyBytes, copyStamp, copyText, findByte } from "./bytes";
import { runSteps } from "./script";
import { setWord, wordAt } from "./words";

const NEWLINE: u8 = 0x0a;

/**
 * Takes lines from the input, stamps them, runs the script on their first 1000 bytes, and puts each into the groups that
 * it is selected for. Beginnings of less are kept behind the lines of the first group.
 *
 * @returns true when all of the input is taken; false when the groups have to be written first, and emptied
 */
export function takeLines(): bool {
  const end: usize = wordAt(INPUT_END);
  let at: usize = wordAt(INPUT_AT);
  let hasRoom = true;
  while (at < end && hasRoom) {
    hasRoom = wordAt(IS_CUT) !== 0 ? passOn(at, end) : takeLine(at, end);
    at = wordAt(INPUT_AT);
  }
  return hasRoom;
}

/** Empties the groups, and keeps the line that is begun. */
export function emptyGroups(): void {
  const groups = wordAt(GROUPS_AT);
  const count = wordAt(GROUP_COUNT);
  const bytes: usize = wordAt(groups + GROUP_AT);
  memory.copy(bytes, bytes + wordAt(groups + GROUP_BYTES), wordAt(BEGUN_BYTES));
  for (let index: usize = 0; index < count; index++) {
    const group = groups + index * GROUP_WORDS_BYTES;
    setWord(group + GROUP_BYTES, 0);
    setWord(group + READ_END_COUNT, 0);
  }
  setWord(SHOWN_BYTES, 0);
}

/** Takes input up to the newline, the end or the 1000th byte of the line. @returns false if there was no room for it */
function takeLine(at: usize, end: usize): bool {
  const first = wordAt(GROUPS_AT);
  const lineStart: usize = wordAt(first + GROUP_AT) + wordAt(first + GROUP_BYTES);
  const begun: usize = wordAt(BEGUN_BYTES);
  let into = lineStart + begun;
  if (begun === 0 && wordAt(STAMP_BYTES) !== 0) {
    copyStamp(wordAt(STAMP_AT), into);
    into += wordAt(STAMP_BYTES);
  }
  const isWhole = at + (lineStart + LINE_BYTES - into) <= end;
  const stop = isWhole ? at + (lineStart + LINE_BYTES - into) : end;
  const newline = copyText(at, stop, into);
  const last = newline < stop ? newline : stop - 1;
  if (last >= wordAt(NEXT_READ_END) && !passReadEnds(last)) return false;
  setWord(STAMP_AT, STAMP);
  const textEnd = into + (newline - at);
  if (newline < stop) {
    store<u8>(textEnd, NEWLINE);
    giveLine(lineStart, textEnd, textEnd + 1);
    setWord(INPUT_AT, newline + 1);
  } else {
    if (isWhole) {
      setWord(IS_CUT, 1);
      giveLine(lineStart, textEnd, textEnd);
    } else setWord(BEGUN_BYTES, textEnd - lineStart);
    setWord(INPUT_AT, stop);
  }
  return true;
}

/** Puts a line, in whose place it is, into the groups that it is selected for. @param textEnd Before its newline. */
function giveLine(from: usize, textEnd: usize, to: usize): void {
  if (wordAt(STEPS_AT) !== wordAt(STEPS_END)) runSteps(from, textEnd);
  const first = wordAt(GROUPS_AT);
  const count = wordAt(GROUP_COUNT);
  for (let index: usize = 1; index < count; index++) addTo(first + index * GROUP_WORDS_BYTES, from, to);
  if (wordAt(first + IS_SELECTED) !== 0) setWord(first + GROUP_BYTES, to - wordAt(first + GROUP_AT));
  setWord(BEGUN_BYTES, 0);
}

function addTo(group: usize, from: usize, to: usize): void {
  if (wordAt(group + IS_SELECTED) === 0) return;
  const length = wordAt(group + GROUP_BYTES);
  copyBytes(from, to, wordAt(group + GROUP_AT) + length);
  setWord(group + GROUP_BYTES, length + (to - from));
}

/** Passes on what follows the 1000th byte of a line, up to its newline. @returns false if there was no room for it */
function passOn(from: usize, end: usize): bool {
  const newline = findByte(from, end, NEWLINE);
  const to = newline < end ? newline + 1 : end;
  const groups = wordAt(GROUPS_AT);
  const count = wordAt(GROUP_COUNT);
  let at = from;
  while (at < to) {
    if (at >= wordAt(NEXT_READ_END) && !passReadEnds(at)) return false;
    const stop = min(to, wordAt(NEXT_READ_END));
    for (let index: usize = 0; index < count; index++) addTo(groups + index * GROUP_WORDS_BYTES, at, stop);
    at = stop;
    setWord(INPUT_AT, at);
    setWord(STAMP_AT, STAMP);
  }
  if (newline < end) setWord(IS_CUT, 0);
  return true;
}

/**
 * Notes where daemontools would have read on, for the reads that end at or before a byte of the input.
 *
 * @returns false at one after which the groups have to be emptied; those that follow are left for later
 */
function passReadEnds(last: usize): bool {
  const groups = wordAt(GROUPS_AT);
  const count = wordAt(GROUP_COUNT);
  let next: usize = wordAt(NEXT_READ_END);
  let hasRoom = true;
  for (; next <= last && hasRoom; next += READ_BYTES) {
    hasRoom = wordAt(SHOWN_BYTES) <= wordAt(SHOWN_LIMIT);
    for (let index: usize = 0; index < count; index++) {
      const group = groups + index * GROUP_WORDS_BYTES;
      const length = wordAt(group + GROUP_BYTES);
      const noted = wordAt(group + READ_END_COUNT);
      setWord(wordAt(group + READ_ENDS_AT) + 4 * noted, length);
      setWord(group + READ_END_COUNT, noted + 1);
      if (length > wordAt(group + GROUP_LIMIT)) hasRoom = false;
    }
  }
  setWord(NEXT_READ_END, next);
  return hasRoom;
}
