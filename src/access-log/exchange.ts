import { WHEEL_BITS, wheel } from "./random.ts";
import { bodyBytes, OUTCOMES, PACES, paceOf } from "./response.ts";
import { ENTRIES, GROUPS, type Group, ROUTES, type Route, SITE } from "./site.ts";

/** A request to a route that ends in a status: all of a record that can be known before it happens. */
export interface Exchange {
  readonly group: Group;
  readonly route: Route;
  readonly status: number;
  /** The least and the most bytes of the body. */
  readonly bytes: readonly [number, number];
  /** A body of an asset: its size follows from its number. */
  readonly isSteady: boolean;
  /** Index into PACES. */
  readonly pace: number;
  /** Index into PLACES: the page the visitor looks at afterwards; -1 if that does not change. */
  readonly place: number;
}

/** What a referrer can be; the first ones are where visits begin. */
const places: string[] = ENTRIES.map(([url]) => url);

export const EXCHANGES: readonly Exchange[] = GROUPS.flatMap((group) =>
  ROUTES[group].flatMap((route) =>
    OUTCOMES[route.outcome].map(([status]) => exchangeOf(group, route, status)),
  ),
);

/** URLs of which some hold one `{n}`. */
export const PLACES: readonly string[] = places;

/** For each group, one after the other, 2^WHEEL_BITS indices of its exchanges, as often as they happen. */
export const EXCHANGE_WHEELS = new Uint16Array(GROUPS.length << WHEEL_BITS);
for (const [index, group] of GROUPS.entries()) {
  const weights = EXCHANGES.map((exchange) => (exchange.group === group ? weightOf(exchange) : 0));
  EXCHANGE_WHEELS.set(wheel(weights), index << WHEEL_BITS);
}

export const ENTRY_WHEEL = wheel(ENTRIES.map(([, weight]) => weight));

function exchangeOf(group: Group, route: Route, status: number): Exchange {
  const hasContent = status === 200 || status === 206;
  const isPage = group === "page" && route.method === "GET" && route.outcome === "page" && hasContent;
  const place = isPage ? places.push(SITE + route.path) - 1 : -1;
  const isSteady = route.pace === "static" && status === 200;
  const bytes =
    status === 206
      ? ([65_536, 1_048_576] as const)
      : bodyBytes(route.method, route.outcome, status, route.bytes);
  const pace = PACES.indexOf(paceOf(status, route.pace));
  return { group, route, status, bytes, isSteady, pace, place };
}

function weightOf({ route, status }: Exchange): number {
  const outcome: readonly (readonly [number, number])[] = OUTCOMES[route.outcome];
  const [, weight] = outcome.find(([listed]) => listed === status)!;
  return route.weight * weight;
}
