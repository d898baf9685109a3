import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/build/project.ts";
import { DOCUMENTS } from "../../src/build/reference.ts";

/** README.md and docs/ as they are, by their paths from the project's directory. */
export const documents: ReadonlyMap<string, string> = new Map(
  DOCUMENTS.map((path) => [path, readFileSync(join(root, path), "utf8")]),
);

/** A fenced block of a document. */
export interface CodeBlock {
  readonly path: string;
  /** The last heading above it. */
  readonly section: string;
  readonly text: string;
}

/** The blocks of a language: `sh` to be pasted, `console` with what is printed. */
export function codeBlocks(language: string): CodeBlock[] {
  return [...documents].flatMap(([path, text]) => {
    const fences = new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\`$`, "gms");
    return [...text.matchAll(fences)].map((match) => ({
      path,
      section: [...text.slice(0, match.index).matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? "",
      text: match[1]!,
    }));
  });
}

/** What stands between backquotes in running text and in tables. */
export function inlineCode(): { readonly path: string; readonly text: string }[] {
  return [...documents].flatMap(([path, text]) => {
    const prose = text.replace(/^```.*?^```$/gms, "");
    return [...prose.matchAll(/`([^`]+)`/g)].map((match) => ({
      path,
      text: match[1]!.replaceAll("\n", " "),
    }));
  });
}

/** A command of a `console` block, and the lines below it. */
export interface ShownCommand {
  readonly command: string;
  readonly output: readonly string[];
}

/** @throws Error if the block begins with something else than a command */
export function shownCommands(text: string): ShownCommand[] {
  const shown: { command: string; output: string[] }[] = [];
  for (const line of text.trimEnd().split("\n")) {
    if (line.startsWith("$ ")) shown.push({ command: line.slice(2), output: [] });
    else if (shown.length > 0) shown.at(-1)!.output.push(line);
    else throw new Error(`no command stands above ${line}`);
  }
  return shown;
}
