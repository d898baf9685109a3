import { BEGUN_BYTES, INPUT_AT, INPUT_END, STAMP, STAMP_BYTES } from "../layout";
import { copyStamp, copyText } from "./bytes";
import { setWord, wordAt } from "./words";

const NEWLINE: u8 = 0x0a;

/**
 * Copies input to `target`, with the stamp before each line. BEGUN_BYTES is not 0 while a line is begun.
 *
 * @returns where what was written ends; all of the input is taken, unless there was no more room before `targetEnd`
 */
export function stampLines(target: usize, targetEnd: usize): usize {
  const end: usize = wordAt(INPUT_END);
  let at: usize = wordAt(INPUT_AT);
  let isBegun = wordAt(BEGUN_BYTES) !== 0;
  let into = target;
  while (at < end && into + wordAt(STAMP_BYTES) < targetEnd) {
    if (!isBegun) {
      copyStamp(STAMP, into);
      into += wordAt(STAMP_BYTES);
    }
    const room = targetEnd - into;
    const stop = room < end - at ? at + room : end;
    const newline = copyText(at, stop, into);
    into += newline - at;
    at = newline;
    isBegun = newline === stop;
    if (!isBegun) {
      store<u8>(into++, NEWLINE);
      at++;
    }
  }
  setWord(INPUT_AT, at);
  setWord(BEGUN_BYTES, isBegun ? 1 : 0);
  return into;
}
