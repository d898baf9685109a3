/** What became of one scenario beside one server. */
export interface Outcome {
  /** yes; no; or a dash where the server has nothing that it could be tried with. */
  readonly verdict: "yes" | "no" | "–";
  /** The request and its answer, as the server was seen to give it. */
  readonly seen?: string;
  /** What logship makes of it, or why there is nothing to try. */
  readonly means?: string;
}

/** It is not as it should be: what logship does about it, and, where it is not the last refusal, what was seen. */
export class No extends Error {
  readonly seen: string | undefined;

  constructor(means: string, seen?: string) {
    super(means);
    this.seen = seen;
  }
}

/** There is nothing to try. */
export class NothingToTry extends Error {}
