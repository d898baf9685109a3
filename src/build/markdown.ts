/** Text as it is: what looks like a tag would not be shown. */
export function plain(text: string): string {
  return text.replaceAll("<", "&lt;");
}

/** A table in Markdown. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lineOf = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [lineOf(heads), `|${heads.map(() => "---|").join("")}`, ...rows.map(lineOf)].join("\n");
}
