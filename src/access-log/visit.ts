import type { Kind } from "./agents.ts";
import { type Random, WHEEL_BITS, wheel } from "./random.ts";

/** Who comes back is one of so many latest visitors; the site had as many before the log begins. */
export const EARLIER_VISITORS = 50_000;

export const KINDS = ["browser", "crawler", "tool", "scanner", "monitor"] as const satisfies Kind[];
const KIND_WHEEL = wheel([760, 90, 110, 25, 15]);
/** The least requests of a visit of each kind, and how many more it may have. */
const LEAST_REQUESTS = [4, 2, 1, 3, 20];
const MORE_REQUESTS = [60, 50, 40, 30, 100];
const MOST_REQUESTS = 120;

/** That somebody looks around on the site: what can be known before the first request. */
export interface Visit {
  /** The visitor's. */
  readonly number: number;
  readonly isReturning: boolean;
  /** Index into KINDS. */
  readonly kind: number;
  readonly requests: number;
}

/**
 * Draws the visit of somebody new, or of somebody who was here before.
 *
 * @param newNumber The number of a new visitor; those of earlier ones are smaller.
 */
export function drawVisit(random: Random, newNumber: number): Visit {
  const isReturning = random.below(100) < 35;
  const number = isReturning ? newNumber - 1 - random.below(EARLIER_VISITORS) : newNumber;
  const kind = KIND_WHEEL[Math.imul(number, 0x9e3779b1) >>> (32 - WHEEL_BITS)]!;
  const requests = LEAST_REQUESTS[kind]! + random.below(1 + random.below(MORE_REQUESTS[kind]!));
  return { number, isReturning, kind, requests };
}

/**
 * Draws the visit that is under way at some moment, and how many of its requests came before: a long visit is met more
 * often than a short one, and anywhere in it.
 *
 * @param newNumber Draws the number of a new visitor. With a fixed one the kind would be fixed too, and not be met more
 *   often for its long visits.
 */
export function drawVisitUnderWay(random: Random, newNumber: () => number): { visit: Visit; passed: number } {
  for (;;) {
    const visit = drawVisit(random, newNumber());
    if (random.below(MOST_REQUESTS) < visit.requests) return { visit, passed: random.below(visit.requests) };
  }
}
