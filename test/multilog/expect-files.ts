import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseLabel } from "../../src/tai64n/label.ts";
import { RECORD } from "../support/stored-lines.ts";
import type { Data, Directories, ExpectedFile } from "./case.ts";

/**
 * Compares directories with what they should hold.
 *
 * @param known Paths that were there before: their labels are names like others.
 * @returns what is different, in words
 */
export function differencesIn(root: string, wanted: Directories, known: ReadonlySet<string>): string[] {
  return Object.entries(wanted).flatMap(([directory, files]) => {
    const found = filesIn(root, directory, known);
    const missing = Object.keys(files).filter((name) => !found.has(name));
    return [
      ...missing.map((name) => `${directory}/${name} is missing`),
      ...[...found].flatMap(([name, path]) => {
        const file = files[name];
        if (!file) return [`${directory}/${name} is too much`];
        return differencesOf(path, file).map((difference) => `${directory}/${name}: ${difference}`);
      }),
    ];
  });
}

/** The files of a directory by the names that cases give them. */
function filesIn(root: string, directory: string, known: ReadonlySet<string>): Map<string, string> {
  const names = readdirSync(join(root, directory))
    .sort()
    .filter((name) => name !== RECORD);
  let labels = 0;
  return new Map(
    names.map((name) => {
      const isNew = /^@[0-9a-f]{24}\.[su]$/.test(name) && !known.has(join(directory, name));
      if (isNew) checkAge(name);
      return [isNew ? `@${++labels}${name.slice(25)}` : name, join(root, directory, name)];
    }),
  );
}

function checkAge(label: string): void {
  const { unixSeconds = 0, nanoseconds = 0 } = parseLabel(label) ?? {};
  if (Math.abs(Date.now() / 1000 - unixSeconds) > 120) throw new Error(`${label} is not of now`);
  if (nanoseconds % 1000 !== 500) throw new Error(`${label} has not the nanoseconds of daemontools`);
}

function differencesOf(path: string, wanted: ExpectedFile): string[] {
  const status = lstatSync(path);
  const mode = status.mode & 0o7777;
  if (wanted.isDirectory) return status.isDirectory() ? [] : ["is no directory"];
  const content = status.isFile() ? readFileSync(path) : Buffer.alloc(0);
  const text = content.toString("latin1");
  const found: string[] = [];
  const check = (what: string, isRight: boolean) => {
    if (!isRight) found.push(what);
  };
  if (wanted.mode !== undefined) check(`has mode ${mode.toString(8)}`, mode === wanted.mode);
  if (wanted.size !== undefined) check(`has ${status.size} bytes`, status.size === wanted.size);
  if (wanted.links !== undefined) check(`has ${status.nlink} names`, status.nlink === wanted.links);
  if (wanted.data !== undefined)
    check(`holds ${shown(content)}`, content.equals(Buffer.from(wanted.data as string)));
  if (wanted.unlabelled !== undefined)
    check(`holds ${shown(content)}`, withoutLabels(text) === wanted.unlabelled);
  if (wanted.matches) check(`holds ${shown(content)}`, wanted.matches.test(text));
  if (wanted.sha256) check(`has other content`, sha256(content) === wanted.sha256);
  return found;
}

/** The text with `@T` for each label at the start of a line. */
export function withoutLabels(text: string): string {
  return text.replace(/^@[0-9a-f]{24}(?=[ \n]|$)/gm, "@T");
}

export function shown(data: Data): string {
  const text = data.toString("latin1" as never);
  return JSON.stringify(text.length > 300 ? `${text.slice(0, 300)} and ${text.length - 300} more` : text);
}

function sha256(data: Buffer): string {
  return new Bun.CryptoHasher("sha256").update(data).digest("hex");
}
