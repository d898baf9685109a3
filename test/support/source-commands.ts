import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../src/build/project.ts";

/** A command to type as it stands in the source. */
export interface SourceCommand {
  readonly file: string;
  readonly literals: readonly string[];
  /** What the source puts between them. */
  readonly expressions: readonly string[];
}

/** Every shell`…` of src/: there is no other way to make a command to type. */
export async function sourceCommands(): Promise<SourceCommand[]> {
  const found: SourceCommand[] = [];
  for await (const file of new Bun.Glob("**/*.ts").scan(join(root, "src"))) {
    const text = withoutComments(readFileSync(join(root, "src", file), "utf8"));
    for (const { index } of text.matchAll(/\bshell`/g)) found.push({ file, ...template(text, index + 6) });
  }
  return found;
}

function withoutComments(text: string): string {
  return text.replace(/\/\*\*.*?\*\//gs, "").replace(/^\s*\/\/.*/gm, "");
}

/** Reads a template up to its end, beginning behind its first backtick. */
function template(text: string, from: number): Omit<SourceCommand, "file"> {
  const literals = [""];
  const expressions: string[] = [];
  for (let i = from; text[i] !== "`"; i++) {
    if (i >= text.length) throw new Error("a template without an end");
    if (!text.startsWith("${", i)) {
      literals.push(literals.pop() + text[i]!);
      continue;
    }
    const end = closingBrace(text, i + 2);
    expressions.push(text.slice(i + 2, end));
    literals.push("");
    i = end;
  }
  return { literals, expressions };
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let i = from; i < text.length; i++) {
    if (text[i] === "{") depth++;
    if (text[i] === "}" && --depth === 0) return i;
  }
  throw new Error("a brace without an end");
}
