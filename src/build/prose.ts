/** Running text of docs/ as man(7) has it. */
import { escaped, filled, verbatim } from "./roff.ts";

const BOLD = "\uE000";
const ROMAN = "\uE001";

/** The section on a command, `## logship run`, without what is generated in it; undefined if there is none. */
export function sectionOn(command: string, documents: Iterable<string>): string | undefined {
  const section = new RegExp(`^## logship ${command}\n(.*?)(?=^## |(?![^]))`, "ms");
  for (const text of documents) {
    const found = section.exec(text)?.[1];
    if (found !== undefined) return found.replace(/<!-- .*? -->\n.*?<!-- end -->\n/gs, "").trim();
  }
  return undefined;
}

/** Paragraphs, lists, tables of two columns, code and titles of Markdown. */
export function roffOf(markdown: string): string {
  const blocks = markdown.match(/^```.*?^```$|^(?!```)[^\n]+(?:\n(?!```)[^\n]+)*/gms) ?? [];
  const text = blocks.map(blockOf).join("\n");
  return text.replace(/^\.PP\n/, "").replace(/^(\.SS .*)\n\.PP$/gm, "$1"); // below a title it says nothing
}

function blockOf(block: string): string {
  if (block.startsWith("```")) return `.PP\n${verbatim(block.split("\n").slice(1, -1))}`;
  if (block.startsWith("#")) return `.SS "${escaped(block.replace(/^#+ /, ""))}"`;
  if (block.startsWith("|")) return block.split("\n").slice(2).map(rowOf).join("\n");
  if (block.startsWith("- "))
    return block
      .slice(2)
      .split("\n- ")
      .map((item) => `.IP \\(bu 2\n${inline(item)}`)
      .join("\n");
  return `.PP\n${inline(block)}`;
}

function rowOf(row: string): string {
  const [term = "", ...meaning] = row.slice(2, -2).split(" | ");
  return `.TP\n${inline(term)}\n${inline(meaning.join("; "))}`;
}

/** Code and what is stressed are bold; of a link its text is left. */
function inline(text: string): string {
  const marked = text
    .replace(/\[([^\]]+)\]\([^)]+\)/g, "$1")
    .replace(/`([^`]+)`|\*\*(.+?)\*\*/gs, (_, code, stressed) => `${BOLD}${code ?? stressed}${ROMAN}`);
  return filled(marked).replaceAll(escaped(BOLD), "\\fB").replaceAll(escaped(ROMAN), "\\fR");
}
