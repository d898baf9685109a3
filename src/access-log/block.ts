import { Random } from "./random.ts";
import { drawVisit, drawVisitUnderWay, EARLIER_VISITORS, type Visit } from "./visit.ts";

const BLOCK_BITS = 18;
/** Traffic is made of blocks of so many requests; each can be entered without those before it. */
export const BLOCK_REQUESTS = 1 << BLOCK_BITS;

export const SLOT_BITS = 9;
/** How many visitors are on the site at the same time. */
export const SLOTS = 1 << SLOT_BITS;

/** More than ever come newly in one block, with those whose visits cross its end. */
const NEW_VISITORS = 10_300;

/** Each kind of draws has a sequence of its own, for each block one. */
const DRAWS = 1;
const CHOICES = 2;
const CROSSINGS = 3;

/**
 * What can be known of a block of requests before the first of them: whose turn each is, and which visits cross the
 * border to the next block. Those visits are drawn from the seed and the border alone, together with all that is chosen
 * in them before the border; so both blocks know them, and a block can be entered with its visitors in the middle of
 * what they do.
 */
export class Block {
  readonly index: number;
  /** For each request 32 random bits; the highest SLOT_BITS are the slot whose turn it is. */
  readonly draws: Uint32Array;
  /** How many requests of each slot come before the visit that crosses the end. */
  readonly room = new Int32Array(SLOTS);
  /** The visit of each slot that crosses the end, if there is one. */
  readonly crossing: (Visit | undefined)[] = [];
  /** What chooses in the visits that cross the end, until they do. */
  readonly crossingChoices: Random;
  /** What chooses in all the others. */
  readonly choices: Random;
  /** New visitors whose visits cross the end: they are not to come a second time as new ones. */
  readonly #newAtEnd = new Set<number>();
  /** The number of the next new visitor. */
  #nextVisitor: number;

  /** @param draws A buffer for BLOCK_REQUESTS draws; the block keeps it. */
  constructor(seed: number, index: number, draws: Uint32Array) {
    this.index = index;
    this.draws = draws;
    this.choices = new Random(seed, index, CHOICES);
    this.crossingChoices = new Random(seed, index + 1, CROSSINGS);
    new Random(seed, index, DRAWS).fill(draws);
    // An iterator would take 20 times as long.
    for (let at = 0; at < draws.length; at++) this.room[draws[at]! >>> (32 - SLOT_BITS)]!++;
    for (let slot = 0; slot < SLOTS; slot++) this.#drawCrossing(slot);
    this.#nextVisitor = this.#notAtEnd(firstVisitor(index));
  }

  /** The visit of whoever comes next, if it does not cross the end. */
  nextVisit(): Visit {
    const visit = drawVisit(this.choices, this.#nextVisitor);
    if (!visit.isReturning) this.#nextVisitor = this.#notAtEnd(visit.number + 1);
    return visit;
  }

  #drawCrossing(slot: number): void {
    const { visit, passed } = drawVisitUnderWay(this.crossingChoices, () =>
      this.#notAtEnd(firstVisitor(this.index) + this.crossingChoices.below(NEW_VISITORS)),
    );
    // Where nothing has passed the visit does not cross the border but begins at it, as any other.
    this.crossing.push(passed > 0 ? visit : undefined);
    if (passed > 0 && !visit.isReturning) this.#newAtEnd.add(visit.number);
    this.room[slot] = Math.max(0, this.room[slot]! - passed);
  }

  #notAtEnd(number: number): number {
    while (this.#newAtEnd.has(number)) number++;
    return number;
  }
}

/** The number of the first new visitor of a block. */
function firstVisitor(block: number): number {
  return EARLIER_VISITORS + block * NEW_VISITORS;
}
