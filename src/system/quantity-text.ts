const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** A size as people read it, to two or three digits in powers of 1000: `812 B`, `12.3 kB`, `450 MB`. */
export function sizeText(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** power;
  return `${value >= 99.95 || power === 0 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}

/** Units of time, each with how many of it the next one has. */
const SPANS = [
  ["s", 60],
  ["m", 60],
  ["h", 24],
  ["d", Number.POSITIVE_INFINITY],
] as const;

/** A span of time to its two largest units: `45s`, `12m5s`, `3h5m`, `2d4h`; what is negative counts as nothing. */
export function durationText(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  let smaller = "";
  for (const [unit, size] of SPANS) {
    if (rest < size) return `${rest}${unit}${smaller}`;
    smaller = rest % size === 0 ? "" : `${rest % size}${unit}`;
    rest = Math.floor(rest / size);
  }
  return smaller;
}

/** `1 file`, `1,234 files`. */
export function thingsText(count: number, thing: string): string {
  return `${countText(count)} ${thing}${count === 1 ? "" : "s"}`;
}

/** A number of things with commas between the thousands: `1,234,567`. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
