import type { Kind } from "./agents.ts";
import { ENTRY_WHEEL, EXCHANGE_WHEELS, EXCHANGES } from "./exchange.ts";
import { Random, WHEEL_BITS, wheel } from "./random.ts";
import { TIME_BITS, TIMES_MS } from "./response.ts";
import { GROUPS, type Group } from "./site.ts";
import { type Visitor, visitor } from "./visitor.ts";

const SLOT_BITS = 9;
/** How many visitors are on the site at the same time. */
export const SLOTS = 1 << SLOT_BITS;

/** Who comes back is one of so many latest visitors; the site had as many before the log begins. */
const EARLIER_VISITORS = 50_000;

const KINDS = ["browser", "crawler", "tool", "scanner", "monitor"] as const satisfies Kind[];
const KIND_WHEEL = wheel([760, 90, 110, 25, 15]);
const BROWSER = KINDS.indexOf("browser");
/** The least requests of a visit, and how many more it may have. */
const VISIT_REQUESTS: readonly (readonly [number, number])[] = [
  [4, 60],
  [2, 50],
  [1, 40],
  [3, 30],
  [20, 100],
];
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
 * The requests to the site, one after the other. After `next()` the fields describe the latest one; the visitors share
 * the site as they do in life, so that one's requests lie among those of the others.
 */
export class Traffic {
  /** Which of the SLOTS visitors it was, and whether somebody new has just come there. */
  slot = 0;
  isNewVisitor = false;
  visitor: Visitor;
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
  readonly #random: Random;
  #visitors = EARLIER_VISITORS;
  readonly #requestsLeft = new Int32Array(SLOTS);
  readonly #assetsLeft = new Int32Array(SLOTS);
  readonly #kind = new Uint8Array(SLOTS);
  readonly #hasBeenHere = new Uint8Array(SLOTS);
  readonly #agent = new Uint16Array(SLOTS);
  readonly #place = new Uint16Array(SLOTS);
  readonly #placeNumber = new Uint32Array(SLOTS);

  constructor(seed: number) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.visitor = visitor(seed, 0, "browser");
  }

  next(): void {
    const draw = this.#random.next();
    const slot = draw >>> (32 - SLOT_BITS);
    this.isNewVisitor = this.#requestsLeft[slot] === 0;
    if (this.isNewVisitor) this.#welcome(slot);
    this.#requestsLeft[slot]!--;
    const place = (draw >>> 3) & ((1 << WHEEL_BITS) - 1);
    const exchange = EXCHANGE_WHEELS[(this.#group(slot, draw & 7) << WHEEL_BITS) | place]!;
    this.slot = slot;
    this.agent = this.#agent[slot]!;
    this.exchange = exchange;
    this.referrer = this.#place[slot]!;
    this.referrerNumber = this.#placeNumber[slot]!;
    this.number = this.#numberUpTo(NUMBERS[exchange]!);
    this.#answer(exchange);
    if (PLACE[exchange]! >= 0) this.#look(slot, PLACE[exchange]!);
  }

  /** Lets a visitor come: a new one, or one who was here before. */
  #welcome(slot: number): void {
    const random = this.#random;
    const isReturning = random.below(100) < 35;
    const number = isReturning ? this.#visitors - 1 - random.below(EARLIER_VISITORS) : this.#visitors++;
    const kind = KIND_WHEEL[Math.imul(number, 0x9e3779b1) >>> (32 - WHEEL_BITS)]!;
    this.visitor = visitor(this.#seed, number, KINDS[kind]!);
    const [least, more] = VISIT_REQUESTS[kind]!;
    this.#requestsLeft[slot] = least + random.below(1 + random.below(more));
    this.#assetsLeft[slot] = 0;
    this.#kind[slot] = kind;
    this.#hasBeenHere[slot] = isReturning ? 1 : 0;
    this.#agent[slot] = this.visitor.agent;
    this.#place[slot] = kind === BROWSER ? ENTRY_WHEEL[random.next() >>> (32 - WHEEL_BITS)]! : 0;
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

  /** From 1 to `limit`, a small one more often than a large one; 0 if the limit is 0. */
  #numberUpTo(limit: number): number {
    if (limit === 0) return 0;
    if (limit > 1_000_000) return 1 + (this.#random.next() % limit);
    return 1 + this.#random.below(1 + this.#random.below(limit));
  }

  #answer(exchange: number): void {
    const draw = this.#random.next();
    const spread = IS_STEADY[exchange] === 1 ? Math.imul(this.number + 1, 0x85ebca6b) >>> 16 : draw & 0xffff;
    this.bodyBytes = LEAST_BYTES[exchange]! + Math.floor((spread * SPREAD_BYTES[exchange]!) / 65_536);
    const timeMs = TIMES_MS[(PACE[exchange]! << TIME_BITS) | (draw >>> (32 - TIME_BITS))]!;
    // A large body takes its time on the wire: 4 KiB a millisecond.
    this.timeMs = timeMs + (this.bodyBytes >>> 12);
  }

  #look(slot: number, place: number): void {
    this.#place[slot] = place;
    this.#placeNumber[slot] = this.number;
    this.#assetsLeft[slot] = this.#random.next() >>> (this.#hasBeenHere[slot] === 1 ? 30 : 28);
  }
}
