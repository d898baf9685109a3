/** What the server answers: which statuses, how many bytes and in what time. */

type Weights = readonly (readonly [status: number, weight: number])[];

/** How many of a thousand requests of a kind end in which status. */
export const OUTCOMES = {
  page: [
    [200, 952],
    [301, 10],
    [302, 6],
    [404, 14],
    [499, 7],
    [500, 4],
    [502, 3],
    [503, 2],
    [504, 2],
  ],
  asset: [
    [200, 988],
    [404, 6],
    [499, 6],
  ],
  "cached asset": [
    [304, 905],
    [200, 90],
    [404, 3],
    [499, 2],
  ],
  download: [
    [200, 700],
    [206, 250],
    [499, 50],
  ],
  form: [
    [302, 780],
    [200, 170],
    [403, 20],
    [422, 20],
    [500, 6],
    [504, 4],
  ],
  read: [
    [200, 902],
    [304, 30],
    [400, 8],
    [401, 14],
    [404, 22],
    [429, 10],
    [499, 4],
    [500, 4],
    [502, 3],
    [503, 2],
    [504, 1],
  ],
  create: [
    [201, 880],
    [400, 30],
    [401, 30],
    [409, 20],
    [422, 30],
    [500, 7],
    [504, 3],
  ],
  remove: [
    [204, 900],
    [403, 40],
    [404, 60],
  ],
  probe: [
    [404, 840],
    [403, 100],
    [400, 40],
    [444, 20],
  ],
  check: [
    [200, 997],
    [503, 3],
  ],
} as const satisfies Record<string, Weights>;

export type Outcome = keyof typeof OUTCOMES;

/** Bodies that the server sends by itself, without the site. */
const OWN_BODIES: Record<number, number> = {
  204: 0,
  301: 185,
  302: 161,
  304: 0,
  400: 173,
  403: 169,
  404: 169,
  444: 0,
  499: 0,
  500: 193,
  502: 173,
  503: 213,
  504: 183,
};
const JSON_ERRORS: Record<number, number> = {
  400: 74,
  401: 51,
  403: 48,
  404: 43,
  409: 66,
  422: 118,
  429: 57,
};

/**
 * The least and the most bytes of a body.
 *
 * @param success The same for an answer with content.
 */
export function bodyBytes(
  method: string,
  outcome: Outcome,
  status: number,
  success: readonly [number, number],
): readonly [number, number] {
  if (method === "HEAD") return [0, 0];
  if (outcome === "page" && status === 404) return [4187, 4187]; // the site has a page for it
  const isApi = outcome === "read" || outcome === "create" || outcome === "remove";
  const own = (isApi ? JSON_ERRORS[status] : undefined) ?? OWN_BODIES[status];
  if (own !== undefined) return [own, own];
  return status < 300 ? success : [412, 640];
}

/** How long an answer takes: [of a thousand answers so many are faster, milliseconds]. */
const QUANTILES = {
  static: [
    [0, 0],
    [700, 0],
    [900, 1],
    [990, 6],
    [1000, 90],
  ],
  page: [
    [0, 18],
    [300, 41],
    [600, 77],
    [900, 260],
    [990, 900],
    [1000, 4800],
  ],
  api: [
    [0, 2],
    [500, 9],
    [900, 48],
    [990, 310],
    [1000, 2600],
  ],
  refused: [
    [0, 0],
    [900, 1],
    [1000, 12],
  ],
  "gone away": [
    [0, 210],
    [500, 2400],
    [900, 14_000],
    [1000, 59_000],
  ],
  "timed out": [
    [0, 60_000],
    [900, 60_004],
    [1000, 60_060],
  ],
} as const satisfies Record<string, readonly (readonly [number, number])[]>;

export type Pace = keyof typeof QUANTILES;
export const PACES = Object.keys(QUANTILES) as Pace[];

/** How long an answer with a status takes when an answer with content takes `success`. */
export function paceOf(status: number, success: Pace): Pace {
  if (status === 499) return "gone away";
  if (status === 504) return "timed out";
  if (
    status === 502 ||
    status === 503 ||
    status === 400 ||
    status === 403 ||
    status === 429 ||
    status === 444
  )
    return "refused";
  return success;
}

export const TIME_BITS = 10;

/** For each pace, one after the other, 2^TIME_BITS times in ascending order, of which each is as likely. */
export const TIMES_MS = new Uint32Array(PACES.length << TIME_BITS);
for (const [index, pace] of PACES.entries()) TIMES_MS.set(times(QUANTILES[pace]), index << TIME_BITS);

function times(points: readonly (readonly [number, number])[]): Uint32Array {
  return Uint32Array.from({ length: 1 << TIME_BITS }, (_, index) => {
    const share = (index * 1000) >> TIME_BITS;
    const next = points.findIndex(([to]) => to > share);
    const [fromShare, fromMs] = points[next - 1]!;
    const [toShare, toMs] = points[next]!;
    return fromMs + Math.floor(((toMs - fromMs) * (share - fromShare)) / (toShare - fromShare));
  });
}
