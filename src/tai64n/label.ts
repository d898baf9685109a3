/**
 * TAI64N labels as daemontools writes them: `@`, 16 hexadecimal digits of seconds and 8 of nanoseconds, lower case.
 * Seconds are Unix seconds plus 2^62 plus the constant 10; daemontools has no table of leap seconds, and neither has this.
 */

/** A point in time; nanoseconds count up from the second, also before 1970. */
export interface Moment {
  /** Whole seconds since 1970, may be negative. */
  readonly unixSeconds: number;
  /** 0 to 999999999. A label read from outside may hold any 32-bit number. */
  readonly nanoseconds: number;
}

/** Tells what time it is now; a label shows what it says. */
export type Clock = () => Moment;

export const LABEL_LENGTH = 25;

const TAI_MINUS_UNIX_SECONDS = 10;
const ZERO_SECOND = 2n ** 62n + BigInt(TAI_MINUS_UNIX_SECONDS);
const LABEL = /^@([0-9a-f]{16})([0-9a-f]{8})/;
const HEX_DIGITS = Buffer.from("0123456789abcdef", "latin1");

/** The label of a moment: 25 characters. */
export function formatLabel(moment: Moment): string {
  const label = Buffer.allocUnsafe(LABEL_LENGTH);
  writeLabel(moment, label, 0);
  return label.toString("latin1");
}

/** Writes the 25 bytes of a label into a buffer. */
export function writeLabel({ unixSeconds, nanoseconds }: Moment, target: Uint8Array, at: number): void {
  const taiSeconds = unixSeconds + TAI_MINUS_UNIX_SECONDS;
  target[at] = 0x40; // @
  writeHex(0x40000000 + Math.floor(taiSeconds / 2 ** 32), target, at + 1);
  writeHex(taiSeconds >>> 0, target, at + 9);
  writeHex(nanoseconds, target, at + 17);
}

function writeHex(value: number, target: Uint8Array, at: number): void {
  for (let digit = 0; digit < 8; digit++) target[at + digit] = HEX_DIGITS[(value >>> (28 - 4 * digit)) & 15]!;
}

/** The label of the microsecond after that of another; undefined if there is none. */
export function labelAfter(label: string): string | undefined {
  const seconds = BigInt(`0x${label.slice(1, 17)}`);
  const nanoseconds = Number.parseInt(label.slice(17), 16) + 1000;
  const isNextSecond = nanoseconds >= 1e9;
  const digits = (isNextSecond ? seconds + 1n : seconds).toString(16).padStart(16, "0");
  if (digits.length > 16) return undefined;
  return `@${digits}${(isNextSecond ? 500 : nanoseconds).toString(16).padStart(8, "0")}`;
}

/** Reads the label at the start of a text; undefined if there is none or its second is beyond 2^53. */
export function parseLabel(text: string): Moment | undefined {
  const match = LABEL.exec(text);
  if (!match) return undefined;
  const unixSeconds = Number(secondsOf(match[1]!));
  if (!Number.isSafeInteger(unixSeconds)) return undefined;
  return { unixSeconds, nanoseconds: Number.parseInt(match[2]!, 16) };
}

/** The Unix second, between -2^63 and 2^63, of the 16 digits that stand for seconds in a label. */
export function secondsOf(digits: string): bigint {
  return BigInt.asIntN(64, unsignedSecondsOf(digits));
}

/** As `secondsOf()`, but digits near the highest stay far in the future, as where labels are compared by daemontools. */
export function unsignedSecondsOf(digits: string): bigint {
  return BigInt(`0x${digits}`) - ZERO_SECOND;
}
