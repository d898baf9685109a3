/**
 * The record formats as somebody has to read them who accepts nothing else: what stands between the values, byte for
 * byte, and what each value may be.
 */
import type { FormatName } from "../access-log/format.ts";
import { COMBINED_TIME, ISO_TIME, SCRIPT_TIME, type TimeLayout } from "../time/record-time.ts";

/**
 * What a value is made of: `text` ends at a quotation mark, `word` at a space; `seconds` has three decimals; `status` is
 * three digits.
 */
export type ValueKind = "time" | "address" | "word" | "text" | "number" | "seconds" | "status";

/** A record is its steps: each time the bytes of `before` and then a value; after the last one comes `end`. */
export interface RecordLayout {
  readonly steps: readonly { readonly before: Uint8Array; readonly kind: ValueKind }[];
  readonly end: Uint8Array;
  readonly time: TimeLayout;
  /** What a text escapes with a backslash: as JSON does, or `\x22`. */
  readonly escapes: "json" | "hex";
}

const FIELDS: readonly (readonly [name: string, kind: ValueKind])[] = [
  ["time", "time"],
  ["remote_addr", "address"],
  ["remote_user", "text"],
  ["body_bytes_sent", "number"],
  ["request_time", "seconds"],
  ["status", "status"],
  ["request", "text"],
  ["request_method", "text"],
  ["http_referrer", "text"],
  ["http_user_agent", "text"],
];

export const LAYOUTS: Readonly<Record<FormatName, RecordLayout>> = {
  json: fieldLayout('{"', '":"', '","', '"}\n', ISO_TIME),
  "nginx-json": fieldLayout('"', '": "', '", "', '"\n', ISO_TIME),
  script: fieldLayout('{ \n \t"', '": "', '", \n \t"', '"\n}\n', SCRIPT_TIME, "number"),
  combined: {
    steps: [
      { before: bytesOf(""), kind: "address" },
      { before: bytesOf(" - "), kind: "word" },
      { before: bytesOf(" ["), kind: "time" },
      { before: bytesOf('] "'), kind: "text" },
      { before: bytesOf('" '), kind: "status" },
      { before: bytesOf(" "), kind: "number" },
      { before: bytesOf(' "'), kind: "text" },
      { before: bytesOf('" "'), kind: "text" },
    ],
    end: bytesOf('"\n'),
    time: COMBINED_TIME,
    escapes: "hex",
  },
};

function fieldLayout(
  open: string,
  colon: string,
  between: string,
  close: string,
  time: TimeLayout,
  duration: ValueKind = "seconds",
): RecordLayout {
  const steps = FIELDS.map(([name, kind], index) => ({
    before: bytesOf((index === 0 ? open : between) + name + colon),
    kind: name === "request_time" ? duration : kind,
  }));
  return { steps, end: bytesOf(close), time, escapes: "json" };
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
