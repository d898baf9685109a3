/** What the name of a rotated file tells: whose it may be, and which of two is the newer one where nothing else tells. */

const PACKED = /\.(?:gz|zst|xz|bz2)$/i;
const EXTENSION = /\.[^.\d][^.]*$/;

const MONTHS =
  "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?";
const DAYS =
  "mon(?:day)?|tue(?:s(?:day)?)?|wed(?:nesday)?|thu(?:rs(?:day)?)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?";
const AGES = "old|bak|backup|orig|saved?|prev(?:ious)?|last|rotated|archived?|copy";
const CLOCKS = "am|pm|utc|gmt|[twz]";
const SEPARATOR = "[._\\-~,:+#@ ()]";
const WORD = `(?:${MONTHS}|${DAYS}|${AGES}|${CLOCKS})(?![a-z])`;
/** All digits that follow each other: a name of many could else be divided in more ways than can be tried. */
const NUMBER = "\\d+(?!\\d)";
/** TAI64N, as multilog has it. */
const LABEL = "@[0-9a-f]{24}(?![0-9a-f])";

/** What rotations put behind a name or before its extension: numbers, dates and times, weekdays, `old` and the like. */
const MARK = new RegExp(`^(?:${LABEL}|${SEPARATOR}|${NUMBER}|(?<=${SEPARATOR}|\\d)${WORD})+$`, "i");
/** What they put before a name. */
const MARK_BEFORE = new RegExp(
  `^(?:(?:${SEPARATOR}|${NUMBER}|(?<=^|${SEPARATOR}|\\d)${WORD})*${SEPARATOR})$`,
  "i",
);
const SAYS_SOMETHING = /\d|[a-z]|~$/i;

/** A name that is that of a log with such marks. */
export interface RotationName {
  /** The numbers in it: one of up to three digits counts rotations, anything else is a date. */
  readonly numbers: readonly number[];
  /** The numbers are no order: they have names of months or days among them, or begin with the day. */
  readonly isUnordered: boolean;
}

/** True if the name says that the file is compressed. */
export function isPackedName(name: string): boolean {
  return PACKED.test(name);
}

/** A name without what says that the file is compressed. */
export function unpackedName(name: string): string {
  return name.replace(PACKED, "");
}

const known = new Map<string, ReadonlyMap<string, RotationName>>();
const MOST_KNOWN = 20_000;

/**
 * What a name tells if it is that of a rotated file of a log: `access.log.1`, `access.log-20170112.gz`,
 * `access-2017-01-12.log`, `access.log.old`, `20170112-access.log`; undefined for any other name.
 *
 * @param base The name of the log: `access.log`.
 */
export function rotationOf(name: string, base: string): RotationName | undefined {
  const stem = base.replace(EXTENSION, "") || base;
  return name.includes(stem) && name !== base ? basesOf(name).get(base) : undefined;
}

/** The names of logs that a file may be a rotated one of, by its name alone, with what it tells then. */
export function basesOf(name: string): ReadonlyMap<string, RotationName> {
  let bases = known.get(name);
  if (!bases) {
    bases = findBases(unpackedName(name));
    if (known.size >= MOST_KNOWN) known.clear();
    known.set(name, bases);
  }
  return bases;
}

function findBases(name: string): Map<string, RotationName> {
  const bases = new Map<string, RotationName>();
  const extension = EXTENSION.exec(name)?.[0] ?? "";
  const starts = [0];
  for (let start = 1; start < name.length; start++)
    if (MARK_BEFORE.test(name.slice(0, start))) starts.push(start);
  const add = (base: string, mark: string) => {
    const isMarked = SAYS_SOMETHING.test(mark);
    if (isMarked && base !== "" && base !== name && !bases.has(base)) bases.set(base, rotationName(mark));
  };
  for (const start of starts) {
    const before = name.slice(0, start);
    for (let end = name.length; end > start; end--) {
      // Not within a number: app12.log is no older file of app1.log.
      if (/^\d\d$/.test(name.slice(end - 1, end + 1))) continue;
      const mark = name.slice(end);
      if (mark === "" ? start > 0 : MARK.test(mark)) add(name.slice(start, end), `${before} ${mark}`);
      const inner = name.slice(end, name.length - extension.length);
      const isInner = extension !== "" && end < name.length - extension.length && MARK.test(inner);
      if (isInner) add(name.slice(start, end) + extension, `${before} ${inner}`);
    }
  }
  return bases;
}

function rotationName(mark: string): RotationName {
  const numbers = (mark.match(/\d+/g) ?? []).map(Number);
  if (numbers.length === 0 && new RegExp(AGES, "i").test(mark)) return { numbers: [0], isUnordered: false };
  const hasNames = new RegExp(`${MONTHS}|${DAYS}|${LABEL}`, "i").test(mark);
  const isDayFirst = numbers.length > 2 && numbers[0]! < 100 && numbers.slice(1, 3).some((n) => n >= 1900);
  return { numbers, isUnordered: numbers.length === 0 || hasNames || isDayFirst };
}
