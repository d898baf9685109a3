import { DestinationError } from "./destination.ts";

/** Pages without a key that a server may give one after the other: those of what was deleted meanwhile. */
const MOST_EMPTY_PAGES = 100;

/**
 * Sees to it that a listing comes to its end: each page has to lie behind the one before. A server that gives the same page, the
 * same token or nothing again and again would be listed for ever.
 */
export class ListingOrder {
  readonly #prefix: string;
  #last: Buffer | undefined;
  #emptyPages = 0;

  /** @param prefix What all keys begin with. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /**
   * Takes the next page. Within it keys may be in any order, as of servers that walk through directories.
   *
   * @param keys Whole ones, as the server gave them.
   * @param after The token that was asked with.
   * @param next The token for the page behind it; undefined at the end.
   * @throws DestinationError, not worth a retry, `the listing does not end: …`, `the listing is not in order: …` or
   *   `the listing has a key that was not asked for`
   */
  take(keys: readonly string[], after: string | undefined, next: string | undefined): void {
    if (next !== undefined && next === after) throw endless("the server goes on where it was asked to");
    if (keys.some((key) => !key.startsWith(this.#prefix)))
      throw wrong("the listing has a key that was not asked for");
    for (const bytes of keys.map((key) => Buffer.from(key)).sort(Buffer.compare)) {
      if (this.#last && Buffer.compare(bytes, this.#last) <= 0)
        throw wrong("the listing is not in order: a page does not lie behind the one before");
      this.#last = bytes;
    }
    this.#emptyPages = keys.length > 0 ? 0 : this.#emptyPages + 1;
    if (this.#emptyPages > MOST_EMPTY_PAGES)
      throw endless(`${MOST_EMPTY_PAGES} pages without a key came one after the other`);
  }
}

function endless(why: string): DestinationError {
  return wrong(`the listing does not end: ${why}`);
}

function wrong(reason: string): DestinationError {
  return new DestinationError(reason, false, undefined, "endpoint");
}
