import { findByte } from "./bytes";

const STAR: u8 = 0x2a;

/**
 * Whether a text matches a pattern of multilog. Every byte stands for itself; a star skips to the first place where the
 * byte behind it occurs and never looks for a second one; a star at the end matches the rest. All of the text has to
 * match. A star behind a star is looked for like any byte and then is a star itself.
 */
export function matches(pattern: usize, patternEnd: usize, from: usize, to: usize): bool {
  let at = from;
  for (let next = pattern; next < patternEnd; next++) {
    const wanted = load<u8>(next);
    if (wanted === STAR) {
      if (next + 1 === patternEnd) return true;
      at = findByte(at, to, load<u8>(next + 1));
      if (at === to) return false;
    } else {
      if (at === to || load<u8>(at) !== wanted) return false;
      at++;
    }
  }
  return at === to;
}
