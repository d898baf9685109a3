/** What is different each time in what a command prints: numbers, times, labels, sizes, and the width of columns. */
const DIFFERING: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/@[0-9a-f]{24}\b/g, "@LABEL"],
  [/\b\d{8}T\d{9}-[0-9a-f]{8}\b/g, "GENERATION"],
  [/\b\d+(\.\d+)? [kMG]?B\b/g, "SIZE"],
  [/\d+/g, "0"],
  [/\b0 (file|second|object|record|finding)s?\b/g, "0 $1s"],
  [/(?<=\S) {2,}/g, " "],
  [/^ +/g, ""],
];

/** A line without that. */
export function normalForm(line: string): string {
  return DIFFERING.reduce((text, [pattern, instead]) => text.replaceAll(pattern, instead), line);
}

/** Whether a printed line is one that a document shows, in which `…` stands for anything. */
export function fits(shown: string, printed: string): boolean {
  const parts = normalForm(shown).split("…").map(RegExp.escape);
  return new RegExp(`^${parts.join(".*")}$`).test(normalForm(printed));
}
