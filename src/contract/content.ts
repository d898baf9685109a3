/** What is written down of the content of an object, and in which form numbers are written. All of it is of the content before it was compressed. */
export interface RecordedContent {
  readonly records: number;
  readonly bytes: number;
  readonly crc32: string;
}

/** `x-amz-meta-…` without that beginning. */
export type Metadata = Readonly<Record<string, string>>;

/** A CRC-32 as of zlib and gzip, in eight lower-case hexadecimal digits. */
export function hexCrc32(value: number): string {
  return value.toString(16).padStart(8, "0");
}

/** Whether it is a CRC-32 as `hexCrc32()` writes it. */
export function isCrc32(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{8}$/.test(value);
}

/** Reads a number of metadata; NaN for what is no whole number. */
export function numberOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
}
