import type { Filter } from "./filter.ts";
import { secondsOf } from "./label.ts";
import { type LocalTime, nanosecondsText } from "./local-time.ts";

const INPUT_BYTES = 65_536;
/** A label of more digits is not read to its end; the line passes as it is. */
const MAX_DIGITS = 4096;
const NEWLINE = 0x0a;
const AT = 0x40;
const LABEL_DIGITS = 24;
const SECONDS_DIGITS = 16;
const ZERO = 0x30;
const POINT = 0x2e;
/** The longest that becomes of a label: a year of 20 digits, ten digits of nanoseconds. */
const TIME_BYTES = 48;

/** The value of a lower-case hexadecimal digit, -1 for any other byte. */
const HEX_VALUES = Int8Array.from({ length: 256 }, (_, byte) =>
  "0123456789abcdef".indexOf(String.fromCharCode(byte)),
);

/**
 * Shows the label at the start of each line as local time, as tai64nlocal does: of more than 24 digits the last 24
 * count, of a label that the input ends in nothing is shown. A label without a time, on which daemontools' program
 * crashes, passes as it is.
 */
export class LocalTimeFilter implements Filter {
  readonly input = Buffer.allocUnsafeSlow(MAX_DIGITS + 1 + INPUT_BYTES);
  /** A label that is not complete yet lies before this. */
  inputAt = 0;
  readonly #output = Buffer.allocUnsafeSlow(2 * INPUT_BYTES);
  readonly #localTime: LocalTime;
  readonly #write: (data: Uint8Array) => void;
  #length = 0;
  #isLineBegun = false;
  /** The last seconds converted, as the digits of the label and as the bytes that they became. */
  readonly #secondsDigits = new Uint8Array(SECONDS_DIGITS);
  #secondsText: Uint8Array = Buffer.alloc(0);

  constructor(localTime: LocalTime, write: (data: Uint8Array) => void) {
    this.#localTime = localTime;
    this.#write = write;
  }

  take(count: number): void {
    const { input } = this;
    const end = this.inputAt + count;
    let at = 0;
    /** From here on input is to be copied as it is. */
    let copyFrom = 0;
    while (at < end) {
      if (!this.#isLineBegun && input[at] === AT) {
        const digitsEnd = endOfDigits(input, at + 1, end);
        if (digitsEnd === end && end - at <= MAX_DIGITS) break;
        this.#copy(copyFrom, at);
        copyFrom = this.#writeTime(at + 1, digitsEnd) ? digitsEnd : at;
        at = digitsEnd;
      }
      const newline = input.indexOf(NEWLINE, at);
      this.#isLineBegun = newline === -1 || newline >= end;
      at = this.#isLineBegun ? end : newline + 1;
    }
    this.#copy(copyFrom, at);
    this.#flush();
    input.copyWithin(0, at, end);
    this.inputAt = end - at;
  }

  end(): void {}

  #copy(from: number, to: number): void {
    if (this.#length + to - from + TIME_BYTES > this.#output.length) this.#flush();
    this.#length += this.input.copy(this.#output, this.#length, from, to);
  }

  #flush(): void {
    if (this.#length > 0) this.#write(this.#output.subarray(0, this.#length));
    this.#length = 0;
  }

  /** @returns false if the digits stand for no time; then nothing is written */
  #writeTime(digitsFrom: number, digitsEnd: number): boolean {
    const from = digitsEnd - LABEL_DIGITS;
    if (from < digitsFrom || !this.#convertSeconds(from)) return false;
    const output = this.#output;
    let length = this.#length;
    const text = this.#secondsText;
    for (let index = 0; index < text.length; index++) output[length++] = text[index]!;
    output[length++] = POINT;
    let nanoseconds = 0;
    for (let at = from + SECONDS_DIGITS; at < digitsEnd; at++) {
      nanoseconds = nanoseconds * 16 + HEX_VALUES[this.input[at]!]!;
    }
    if (nanoseconds > 999_999_999) {
      this.#length = length + output.write(nanosecondsText(nanoseconds), length, "latin1");
      return true;
    }
    for (let index = length + 8; index >= length; index--) {
      const rest = (nanoseconds / 10) | 0;
      output[index] = ZERO + nanoseconds - 10 * rest;
      nanoseconds = rest;
    }
    this.#length = length + 9;
    return true;
  }

  /** Most lines of a log have the seconds of the line before, so these are kept. */
  #convertSeconds(from: number): boolean {
    const { input } = this;
    const known = this.#secondsDigits;
    let index = SECONDS_DIGITS - 1;
    while (index >= 0 && input[from + index] === known[index]) index--;
    if (index >= 0) {
      known.set(input.subarray(from, from + SECONDS_DIGITS));
      const digits = input.toString("latin1", from, from + SECONDS_DIGITS);
      this.#secondsText = Buffer.from(this.#localTime.format(secondsOf(digits)) ?? "", "latin1");
    }
    return this.#secondsText.length > 0;
  }
}

function endOfDigits(input: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && HEX_VALUES[input[at]!]! >= 0) at++;
  return at;
}
