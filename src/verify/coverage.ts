/** What is there of a line of numbers: records of a batch, bytes of a log. Ranges include `from` and exclude `to`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** A stretch without a gap, with the keys of its first and its last piece. */
interface Covered {
  from: number;
  to: number;
  firstKey: string;
  lastKey: string;
}

/** A range that nothing covers, between what is there. */
export interface Hole extends Range {
  /** The key of the piece that ends where the hole begins; undefined at the beginning. */
  readonly after: string | undefined;
  /** The key of the piece that begins where the hole ends; undefined if the end is only known as a number. */
  readonly before: string | undefined;
}

/** How a range lies to those that came before it. */
export type Fit =
  | { readonly kind: "next" }
  /** It begins a hole before it, which may yet be filled. */
  | { readonly kind: "ahead" }
  /** It was missing before a piece that came earlier. */
  | { readonly kind: "late"; readonly before: string }
  /** Part of it is there already, in the piece named or in one behind it. */
  | { readonly kind: "double"; readonly overlap: Range; readonly key: string; readonly isExact: boolean };

const MOST_LANDMARKS = 4096;

/** Gathers ranges, of which most follow each other; needs memory for the holes only. */
export class Coverage {
  readonly #stretches: Covered[] = [];
  readonly #landmarks = new Landmarks();

  /** Where everything ends that is there; 0 if nothing is. */
  get end(): number {
    return this.#stretches.at(-1)?.to ?? 0;
  }

  get begin(): number | undefined {
    return this.#stretches[0]?.from;
  }

  /** The key of the piece at the end. */
  get lastKey(): string | undefined {
    return this.#stretches.at(-1)?.lastKey;
  }

  add(from: number, to: number, key: string): Fit {
    const stretches = this.#stretches;
    // The first stretch that ends behind `from`.
    let index = stretches.length;
    while (index > 0 && stretches[index - 1]!.to > from) index--;
    const next = stretches[index];
    if (next && next.from < to) return this.#double(index, from, to, key);
    this.#landmarks.add(from, key);
    const before = stretches[index - 1];
    const isJoined = before?.to === from;
    const joinsNext = next?.from === to;
    if (isJoined && joinsNext) {
      before.to = next.to;
      before.lastKey = next.lastKey;
      stretches.splice(index, 1);
    } else if (isJoined) {
      before.to = to;
      before.lastKey = key;
    } else if (joinsNext) {
      next.from = from;
      next.firstKey = key;
    } else stretches.splice(index, 0, { from, to, firstKey: key, lastKey: key });
    if (next)
      return {
        kind: "late",
        before: joinsNext ? (this.#landmarks.at(to)?.key ?? next.firstKey) : next.firstKey,
      };
    return { kind: isJoined || (index === 0 && from === 0) ? "next" : "ahead" };
  }

  /** What is missing from a beginning to an end; from the first range and to the last if they are not given. */
  holes(begin = this.begin ?? 0, end = this.end): Hole[] {
    const holes: Hole[] = [];
    let at = begin;
    let after: string | undefined;
    for (const stretch of this.#stretches) {
      if (stretch.from > at && at < end)
        holes.push({ from: at, to: Math.min(stretch.from, end), after, before: stretch.firstKey });
      at = Math.max(at, stretch.to);
      after = stretch.lastKey;
    }
    if (at < end) holes.push({ from: at, to: end, after, before: undefined });
    return holes;
  }

  #double(index: number, from: number, to: number, key: string): Fit {
    const stretches = this.#stretches;
    const first = stretches[index]!;
    const overlap = { from: Math.max(from, first.from), to: Math.min(to, first.to) };
    const landmark = this.#landmarks.at(overlap.from);
    const other = landmark?.key ?? first.firstKey;
    const isExact = landmark?.from === from;
    // What it adds belongs to it.
    let last = index;
    while (last + 1 < stretches.length && stretches[last + 1]!.from < to) last++;
    const merged = {
      from: Math.min(from, first.from),
      to: Math.max(to, stretches[last]!.to),
      firstKey: from < first.from ? key : first.firstKey,
      lastKey: to > stretches[last]!.to ? key : stretches[last]!.lastKey,
    };
    stretches.splice(index, last - index + 1, merged);
    return { kind: "double", overlap, key: other, isExact };
  }
}

/** Remembers the keys of pieces by where they begin: all of them up to some thousands, then every second, fourth … */
class Landmarks {
  #marks: { from: number; key: string }[] = [];
  #step = 1;
  #count = 0;

  add(from: number, key: string): void {
    if (this.#count++ % this.#step !== 0) return;
    let index = this.#marks.length;
    while (index > 0 && this.#marks[index - 1]!.from > from) index--;
    this.#marks.splice(index, 0, { from, key });
    if (this.#marks.length <= MOST_LANDMARKS) return;
    this.#marks = this.#marks.filter((_, place) => place % 2 === 0);
    this.#step *= 2;
  }

  /** The last one that begins at a place or before it. */
  at(place: number): { from: number; key: string } | undefined {
    return this.#marks.findLast(({ from }) => from <= place);
  }
}
