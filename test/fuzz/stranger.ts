import type fc from "fast-check";
import type { Sandbox } from "./sandbox.ts";

/** Somebody who is not trusted: what they say, and what meets it. */
export interface Stranger {
  readonly cases: fc.Arbitrary<unknown>;
  /** @throws Error what is wrong with how logship takes it */
  meet(place: Sandbox, said: unknown): Promise<void>;
}

export function stranger<Said>(
  cases: fc.Arbitrary<Said>,
  meet: (place: Sandbox, said: Said) => Promise<void>,
): Stranger {
  return { cases, meet: meet as Stranger["meet"] };
}

/** What an arbitrary makes. */
export type Said<A> = A extends fc.Arbitrary<infer T> ? T : never;
