const STAR = 0x2a;
/** So far a byte is looked for here; further on, by the runtime, whose search costs as much to call. */
const NEAR_BYTES = 24;

/** True if bytes `from` to `to` of the text match. The byte at `to` must exist; it is changed for a moment. */
export type Pattern = (text: Buffer, from: number, to: number) => boolean;

/**
 * Compiles a pattern of multilog. Every byte stands for itself; a star skips to the first place where the byte behind
 * it occurs and never looks for a second one; a star at the end matches the rest. All of the text has to match.
 * A star behind a star is looked for like any byte and then is a star itself: `**` matches what contains a star.
 */
export function compilePattern(pattern: Uint8Array): Pattern {
  const end = pattern.length;
  return (text, from, to) => {
    let at = from;
    for (let index = 0; index < end; index++) {
      const wanted = pattern[index]!;
      if (wanted === STAR) {
        if (index + 1 === end) return true;
        at = find(text, pattern[index + 1]!, at, to);
        if (at === to) return false;
      } else {
        if (at === to || text[at] !== wanted) return false;
        at++;
      }
    }
    return at === to;
  };
}

/** Where a byte occurs first; `to` if it does not occur before. */
function find(text: Buffer, wanted: number, from: number, to: number): number {
  const near = Math.min(to, from + NEAR_BYTES);
  let at = from;
  while (at < near && text[at] !== wanted) at++;
  if (at < near || near === to) return at;
  const behind = text[to]!;
  text[to] = wanted;
  at = text.indexOf(wanted, near);
  text[to] = behind;
  return at;
}
