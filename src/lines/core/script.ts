import {
  DESELECT,
  GIVE,
  GROUP_WORDS_BYTES,
  GROUPS_AT,
  IS_SELECTED,
  KEEP,
  SELECT,
  SHOW,
  SHOWN_AT,
  SHOWN_BYTES,
  SHOWN_LINE_BYTES,
  STEP_HEAD_BYTES,
  STEP_NUMBER,
  STEPS_AT,
  STEPS_END,
} from "../layout";
import { copyBytes } from "./bytes";
import { matches } from "./pattern";
import { setWord, wordAt } from "./words";

const POINT: u8 = 0x2e;
const NEWLINE: u8 = 0x0a;

/** Runs the steps of the script on a line without its newline: selects it for groups, shows it, keeps it. */
export function runSteps(from: usize, to: usize): void {
  const end = wordAt(STEPS_END);
  let isSelected = true;
  let at = wordAt(STEPS_AT);
  while (at < end) {
    const kind = wordAt(at);
    const number = wordAt(at + STEP_NUMBER);
    at += STEP_HEAD_BYTES;
    if (kind === DESELECT || kind === SELECT) {
      const selects = kind === SELECT;
      if (isSelected !== selects && matches(at, at + number, from, to)) isSelected = selects;
      at += number;
    } else if (kind === GIVE) {
      setWord(wordAt(GROUPS_AT) + number * GROUP_WORDS_BYTES + IS_SELECTED, isSelected ? 1 : 0);
    } else if (isSelected) {
      if (kind === SHOW) show(from, to);
      else if (kind === KEEP) keep(from, to, number);
    }
  }
}

function show(from: usize, to: usize): void {
  const length = wordAt(SHOWN_BYTES);
  let into: usize = wordAt(SHOWN_AT) + length;
  const shown = min(to - from, SHOWN_LINE_BYTES as usize);
  copyBytes(from, from + shown, into);
  into += shown;
  if (to - from > shown) {
    store<u8>(into++, POINT);
    store<u8>(into++, POINT);
    store<u8>(into++, POINT);
  }
  store<u8>(into++, NEWLINE);
  setWord(SHOWN_BYTES, into - wordAt(SHOWN_AT));
}

function keep(from: usize, to: usize, target: usize): void {
  setWord(target, to - from);
  copyBytes(from, to, target + 4);
}
