import { BLOCK_REQUESTS, Block, SLOT_BITS, SLOTS } from "./block.ts";
import { ENTRY_WHEEL, EXCHANGE_WHEELS, EXCHANGES } from "./exchange.ts";
import { type Random, WHEEL_BITS } from "./random.ts";
import { TIME_BITS, TIMES_MS } from "./response.ts";
import { GROUPS, type Group } from "./site.ts";
import { KINDS, type Visit } from "./visit.ts";
import { type Visitor, visitor } from "./visitor.ts";

const BROWSER = KINDS.indexOf("browser");
const PAGE = GROUPS.indexOf("page");
const ASSET = GROUPS.indexOf("asset");
const CACHED_ASSET = GROUPS.indexOf("cached asset");
const CALL = GROUPS.indexOf("call");
const GROUP_OF_KIND = (["page", "crawl", "tool", "probe", "check"] as const satisfies Group[]).map((group) =>
  GROUPS.indexOf(group),
);

const LEAST_BYTES = Uint32Array.from(EXCHANGES, ({ bytes }) => bytes[0]);
const SPREAD_BYTES = Uint32Array.from(EXCHANGES, ({ bytes }) => bytes[1] - bytes[0] + 1);
const NUMBERS = Uint32Array.from(EXCHANGES, ({ route }) => route.numbers);
const IS_STEADY = Uint8Array.from(EXCHANGES, ({ isSteady }) => (isSteady ? 1 : 0));
const PACE = Uint8Array.from(EXCHANGES, ({ pace }) => pace);
const PLACE = Int16Array.from(EXCHANGES, ({ place }) => place);

/**
 * A visit that would leave less room than this before the one that crosses the border takes it too. With this number as
 * many visits begin shortly before a border as anywhere, to 5 %.
 */
const LEAST_ROOM = 3;

/**
 * The requests to the site, one after the other. After `next()` the fields describe the latest one; the visitors share
 * the site as they do in life, so that one's requests lie among those of the others.
 *
 * Request i depends on the seed and i alone: the traffic can be entered anywhere, at the cost of the requests before it
 * in its block.
 */
export class Traffic {
  /** Which of the SLOTS visitors it was, and whether somebody has just come there. */
  slot = 0;
  isNewVisitor = false;
  /** Who is on the site, by slot; undefined where nobody has come yet. */
  readonly visitors: (Visitor | undefined)[] = Array.from({ length: SLOTS });
  /** Index into AGENTS. */
  agent = 0;
  /** Index into EXCHANGES, and the number in its path. */
  exchange = 0;
  number = 0;
  /** Index into PLACES, and the number in its path. */
  referrer = 0;
  referrerNumber = 0;
  bodyBytes = 0;
  timeMs = 0;

  readonly #seed: number;
  #block: Block;
  /** How many requests of the block have been made. */
  #made = 0;
  /** What chooses in the visit of each slot. */
  readonly #choices = new Array<Random>(SLOTS);
  readonly #room = new Int32Array(SLOTS);
  readonly #requestsLeft = new Int32Array(SLOTS);
  readonly #assetsLeft = new Int32Array(SLOTS);
  readonly #kind = new Uint8Array(SLOTS);
  readonly #hasBeenHere = new Uint8Array(SLOTS);
  readonly #agent = new Uint16Array(SLOTS);
  readonly #place = new Uint16Array(SLOTS);
  readonly #placeNumber = new Uint32Array(SLOTS);

  /** @param first The number of the first request that `next()` makes, from 0 to 2^50. */
  constructor(seed: number, first = 0) {
    this.#seed = seed;
    const index = Math.floor(first / BLOCK_REQUESTS);
    const draws = new Uint32Array(BLOCK_REQUESTS);
    this.#block = new Block(seed, index - 1, draws);
    this.#approachNext();
    this.#begin(index);
    for (let skipped = index * BLOCK_REQUESTS; skipped < first; skipped++) this.next();
  }

  /** Makes what visits that cross the end of the block do before it, and nothing else of the block. */
  #approachNext(): void {
    const { draws, room, crossingChoices } = this.#block;
    this.#choices.fill(crossingChoices);
    for (let at = 0; at < draws.length; at++) {
      const draw = draws[at]!;
      const slot = draw >>> (32 - SLOT_BITS);
      if (room[slot]! > 0) room[slot]!--;
      else {
        this.#made = at;
        this.next();
      }
    }
  }
  #begin(index: number): void {
    const block = new Block(this.#seed, index, this.#block.draws);
    this.#block = block;
    this.#made = 0;
    this.#choices.fill(block.choices);
    for (let slot = 0; slot < SLOTS; slot++) {
      const room = block.room[slot]!;
      this.#requestsLeft[slot] = Math.min(this.#requestsLeft[slot]!, room);
      this.#room[slot] = room - this.#requestsLeft[slot]!;
    }
  }

  next(): void {
    if (this.#made === BLOCK_REQUESTS) this.#begin(this.#block.index + 1);
    const draw = this.#block.draws[this.#made++]!;
    const slot = draw >>> (32 - SLOT_BITS);
    this.isNewVisitor = this.#requestsLeft[slot] === 0;
    if (this.isNewVisitor) this.#welcome(slot);
    this.#requestsLeft[slot]!--;
    const random = this.#choices[slot]!;
    const place = (draw >>> 3) & ((1 << WHEEL_BITS) - 1);
    const exchange = EXCHANGE_WHEELS[(this.#group(slot, draw & 7) << WHEEL_BITS) | place]!;
    this.slot = slot;
    this.agent = this.#agent[slot]!;
    this.exchange = exchange;
    this.referrer = this.#place[slot]!;
    this.referrerNumber = this.#placeNumber[slot]!;
    this.number = numberUpTo(NUMBERS[exchange]!, random);
    this.#answer(exchange, random.next());
    if (PLACE[exchange]! >= 0) this.#look(slot, PLACE[exchange]!, random.next());
  }

  /** Lets a visitor come: the one whose visit crosses the end of the block, once it is time for that. */
  #welcome(slot: number): void {
    const block = this.#block;
    const room = this.#room[slot]!;
    if (room === 0) {
      const visit = block.crossing[slot]!;
      this.#choices[slot] = block.crossingChoices;
      this.#requestsLeft[slot] = visit.requests;
      this.#arrive(slot, visit);
      return;
    }
    const visit = block.nextVisit();
    const requests = visit.requests + LEAST_ROOM > room ? room : visit.requests;
    this.#requestsLeft[slot] = requests;
    this.#room[slot] = room - requests;
    this.#arrive(slot, visit);
  }

  #arrive(slot: number, { number, kind, isReturning }: Visit): void {
    const somebody = visitor(this.#seed, number, KINDS[kind]!);
    const entry = this.#choices[slot]!.next() >>> (32 - WHEEL_BITS);
    this.visitors[slot] = somebody;
    this.#assetsLeft[slot] = 0;
    this.#kind[slot] = kind;
    this.#hasBeenHere[slot] = isReturning ? 1 : 0;
    this.#agent[slot] = somebody.agent;
    this.#place[slot] = kind === BROWSER ? ENTRY_WHEEL[entry]! : 0;
    this.#placeNumber[slot] = 0;
  }

  /** What a visitor asks for next: a browser loads the assets of a page before it goes to another. */
  #group(slot: number, chance: number): number {
    const kind = this.#kind[slot]!;
    if (kind !== BROWSER) return GROUP_OF_KIND[kind]!;
    if (this.#assetsLeft[slot] === 0) return PAGE;
    this.#assetsLeft[slot]!--;
    if (chance === 0) return CALL;
    return this.#hasBeenHere[slot] === 1 ? CACHED_ASSET : ASSET;
  }

  #answer(exchange: number, draw: number): void {
    const spread = IS_STEADY[exchange] === 1 ? Math.imul(this.number + 1, 0x85ebca6b) >>> 16 : draw & 0xffff;
    this.bodyBytes = LEAST_BYTES[exchange]! + Math.floor((spread * SPREAD_BYTES[exchange]!) / 65_536);
    const timeMs = TIMES_MS[(PACE[exchange]! << TIME_BITS) | (draw >>> (32 - TIME_BITS))]!;
    // A large body takes its time on the wire: 4 KiB a millisecond.
    this.timeMs = timeMs + (this.bodyBytes >>> 12);
  }

  #look(slot: number, place: number, draw: number): void {
    this.#place[slot] = place;
    this.#placeNumber[slot] = this.number;
    this.#assetsLeft[slot] = draw >>> (this.#hasBeenHere[slot] === 1 ? 30 : 28);
  }
}

/** From 1 to `limit`, a small one more often than a large one; 0 if the limit is 0. */
function numberUpTo(limit: number, random: Random): number {
  if (limit === 0) return 0;
  if (limit > 1_000_000) return 1 + (random.next() % limit);
  return 1 + random.below(1 + random.below(limit));
}
