/**
 * What an object is called and what is written beside it. These rules are a contract with whoever reads the bucket.
 *
 * A *source* is what one state file is about: a log file by its path, a log directory, or standard input. A *generation*
 * is one run of bytes of a source that is shipped from one offset on without a gap: one file, under whatever names; what
 * comes after a rotation is the next generation. A *piece* is a range of a generation that ends at a line end, and becomes
 * one object.
 *
 * **Keys.** `<prefix>host=<host>/source=<source>/dt=YYYY-MM-DD/hour=HH/<name>.<generation>.<offset>.log[.gz]`
 * - host, source and name: escaped by `escapeName()`; the source is its absolute path, or `stdin`.
 * - dt, hour: UTC, of the moment the piece was begun, which is when its first byte was seen.
 * - name: the last part of the path, without `.log`; `stdin` for standard input.
 * - generation: `YYYYMMDDTHHMMSSmmm-xxxxxxxx`, the moment (UTC) at which it was met and eight random hexadecimal digits.
 *   Of one source each is greater than those before it, even if the clock was set back, so that the order of names is the
 *   order of lines over generations as well.
 * - offset: of the piece's first byte in its generation, 16 decimal digits.
 */
import { createHash } from "node:crypto";
import { NotParsed } from "../system/errors.ts";
import { GENERATION_FORM, nextGeneration } from "./generation-id.ts";

export const DEFAULT_TEMPLATE =
  "host={host}/source={source}/dt={date}/hour={hour}/{name}.{generation}.{offset}.log";

/** What a key is made of; host, source and name are escaped. */
export interface KeyParts {
  readonly host: string;
  readonly source: string;
  readonly name: string;
  readonly generation: string;
  readonly offset: number;
  readonly begunAtMs: number;
}

/** What a key tells of a piece, wherever that stands in it. */
export type NamedPiece = Pick<KeyParts, (typeof NEEDED)[number]>;

const PLACEHOLDER = /\{([^{}]*)\}/g;
const NAMES = ["host", "source", "date", "hour", "generation", "offset", "name"] as const;
/** What a key has in place of each. */
const FORMS: Record<(typeof NAMES)[number], string> = {
  host: "[A-Za-z0-9.!_-]+",
  source: "[A-Za-z0-9.!_-]+",
  name: "[A-Za-z0-9.!_-]+",
  date: "-?\\d+-\\d\\d-\\d\\d",
  hour: "\\d\\d",
  generation: GENERATION_FORM,
  offset: "\\d{16}",
};
/** Without each of these, two different pieces could get one key. */
const NEEDED = ["host", "source", "generation", "offset"] as const;
/** What may be of any length, so that two of them side by side could not be told apart. */
const OF_ANY_LENGTH = /\{(?:host|source|name)\}/g;
const LONGEST_KEY_BYTES = 1024;
const LONGEST_NAME_BYTES = 150;

/**
 * Makes a name fit for keys, metadata and file names, differently for different names: letters, digits, `.` and `-` stay,
 * `/` becomes `_`, and any other byte `!` and two hexadecimal digits. One that is then longer than 150 bytes keeps its
 * end, behind a hash of all of it and `!-`.
 */
export function escapeName(name: string): string {
  let text = "";
  for (const byte of Buffer.from(name)) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9.-]/.test(character)) text += character;
    else text += character === "/" ? "_" : `!${byte.toString(16).padStart(2, "0")}`;
  }
  if (text === "." || text === "..") return text.replaceAll(".", "!2e");
  if (text.length <= LONGEST_NAME_BYTES) return text;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, 32);
  return `${hash}!-${text.slice(hash.length + 2 - LONGEST_NAME_BYTES)}`;
}

/** The name of a file's pieces: `/var/log/nginx/access.log` gives `access`. */
export function pieceNameOf(path: string): string {
  const last = path.slice(path.lastIndexOf("/") + 1);
  return escapeName(last.replace(/(?<=.)\.log$/, ""));
}

/**
 * Checks a template of keys.
 *
 * @throws NotParsed if it has a placeholder that is not known, could give one key to two pieces, or is no key below a prefix
 */
export function parseTemplate(text: string): string {
  const placeholders = [...text.matchAll(PLACEHOLDER)].map(([, name]) => name!);
  const unknown = placeholders.find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new NotParsed(`{${unknown}} is none of {${NAMES.join("} {")}}`);
  const missing = NEEDED.filter((name) => !placeholders.includes(name));
  if (missing.length > 0)
    throw new NotParsed(`without {${missing.join("} {")}} two different pieces could have one key`);
  const parts = text.split("/");
  if (parts.some((part) => (part.match(OF_ANY_LENGTH) ?? []).length > 1))
    throw new NotParsed(
      "{host}, {source} and {name} have to have a slash between them, or two keys could be one",
    );
  if (!isPlainKey(text))
    throw new NotParsed("must be a key without empty parts, parts . or .. and control characters");
  return text;
}

/** Whether a text can be the key of a piece below a prefix: it leads nowhere else, and holds no control characters. */
export function isPlainKey(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  return !/[\x00-\x1f\x7f]/.test(text) && !text.split("/").some((part) => ["", ".", ".."].includes(part));
}

/** The key of a piece below the destination's prefix. */
export function keyOf(template: string, { begunAtMs, offset, ...names }: KeyParts): string {
  const moment = new Date(begunAtMs).toISOString();
  const values: Record<(typeof NAMES)[number], string> = {
    ...names,
    date: moment.slice(0, 10),
    hour: moment.slice(11, 13),
    offset: String(offset).padStart(16, "0"),
  };
  return template.replace(PLACEHOLDER, (_, name: (typeof NAMES)[number]) => values[name]);
}

/**
 * Reads keys of a template, also below further folders and of pieces that were compressed.
 *
 * @returns what a key was made of, but for its moment; undefined for a key of another form
 */
export function keyReader(template: string): ReadKey {
  const seen = new Set<string>();
  const pattern = template.split(PLACEHOLDER).map((part, index) => {
    if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    if (seen.has(part)) return `\\k<${part}>`;
    seen.add(part);
    return `(?<${part}>${FORMS[part as keyof typeof FORMS]})`;
  });
  const form = new RegExp(`^(?:.*/)?${pattern.join("")}$`, "s");
  return (key) => {
    const groups = form.exec(key.replace(/\.gz$/, ""))?.groups;
    if (!groups) return undefined;
    const { host, source, generation, offset } = groups as Record<(typeof NEEDED)[number], string>;
    return { host, source, generation, offset: Number(offset) };
  };
}

/** Where the keys of a source are among all of a template. */
export interface KeyLayout {
  /** What all of them begin with, and those of no other host; those of other sources may, if these have longer names. */
  readonly beginning: string;
  /** Behind that come folders named for dates. */
  readonly hasDateFolders: boolean;
  /** They sort by hour, generation and offset. */
  readonly isInOrder: boolean;
  /** The folder with a folder for each source, and that of this one; undefined if there are no such folders. */
  readonly folders: { readonly all: string; readonly own: string } | undefined;
}

/** Finds that out of a template; undefined if its keys do not begin with host and source. */
export function layoutOf(template: string, names: Pick<KeyParts, "host" | "source">): KeyLayout | undefined {
  const fill = (text: string) =>
    text.replace(PLACEHOLDER, (_, name: string) => names[name as keyof typeof names]);
  const varying = template.search(/\{(?!host\}|source\})/);
  const fixed = varying < 0 ? template : template.slice(0, varying);
  if (!["{host}", "{source}"].every((part) => fixed.includes(part))) return undefined;
  const order = [...template.slice(fixed.length).matchAll(PLACEHOLDER)]
    .map(([, name]) => (["date", "hour", "generation", "offset"] as string[]).indexOf(name!))
    .filter((place) => place >= 0);
  const isInOrder = order.every((place, index) => index === 0 || place >= order[index - 1]!);
  const own = /^.*?\{source\}[^/]*\//.exec(fixed)?.[0];
  return {
    beginning: fill(fixed),
    hasDateFolders: template.startsWith("{date}/", fixed.length),
    isInOrder: isInOrder && (order.includes(0) || !order.includes(1)),
    folders: own === undefined ? undefined : { all: fill(own.replace(/[^/]*\/$/, "")), own: fill(own) },
  };
}

/** True if no key of these names can be longer than S3 allows, below a prefix of so many bytes. */
export function fitsInKey(
  template: string,
  names: Pick<KeyParts, "host" | "source" | "name">,
  prefixBytes: number,
): boolean {
  const parts = { ...names, generation: nextGeneration(0, undefined), offset: 0, begunAtMs: 0 };
  const key = `${keyOf(template, parts)}.gz`;
  return prefixBytes + Buffer.byteLength(key) <= LONGEST_KEY_BYTES;
}

const DEFAULT_KEY =
  /(?:^|\/)host=([^/]+)\/source=([^/]+)\/(?:.*\/)?[^/]*\.(\d{8}T\d{9}-[0-9a-f]{8})\.(\d{16})\.log(?:\.gz)?$/;

/** Reads a key; undefined for one of another form. */
export type ReadKey = (key: string) => NamedPiece | undefined;

/** Reads the keys that `ship` gives by itself. */
export const readDefaultKey: ReadKey = (key) => {
  const [, host = "", source = "", generation = "", offset] = DEFAULT_KEY.exec(key) ?? [];
  return offset === undefined ? undefined : { host, source, generation, offset: Number(offset) };
};
