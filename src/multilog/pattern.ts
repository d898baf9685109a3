const STAR = 0x2a;

/** True if bytes `from` to `to` of the text match. */
export type Pattern = (text: Uint8Array, from: number, to: number) => boolean;

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
        const next = pattern[index + 1]!;
        while (at < to && text[at] !== next) at++;
        if (at === to) return false;
      } else {
        if (at === to || text[at] !== wanted) return false;
        at++;
      }
    }
    return at === to;
  };
}
