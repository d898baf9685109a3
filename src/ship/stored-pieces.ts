/** The pieces of a source that are stored, as far as their keys tell. */
import { momentOf } from "../contract/generation-id.ts";
import { type KeyLayout, keyOf, keyReader } from "../contract/shipped-key.ts";
import type { ListedKeys } from "../destination/destination.ts";
import type { Uploader } from "../pipeline/uploader.ts";

export interface StoredPiece {
  /** Below the destination's prefix. */
  readonly key: string;
  readonly generation: string;
  readonly offset: number;
}

/** What the keys of a source are made of. */
export interface KeySource {
  readonly template: string;
  readonly names: { readonly host: string; readonly source: string; readonly name: string };
  readonly layout: KeyLayout;
}

/** Of a thousand keys each: what lies behind is not seen, and may be stored twice. */
const MOST_PAGES = 50;

/** Lists keys, a page after the other; `isCut` if there are more than are asked for. @throws DestinationError; the signal's reason */
export async function listAll(
  uploader: Uploader,
  prefix: string,
  from: string,
  signal: AbortSignal,
  isFlat = false,
): Promise<ListedKeys> {
  const keys: string[] = [];
  let after = from;
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const page = await uploader.list({ prefix, after, isFlat }, signal);
    keys.push(...page.keys);
    if (!page.isCut || page.keys.length === 0) return { keys, isCut: false };
    after = page.keys.at(-1)!;
  }
  return { keys, isCut: true };
}

/** What is stored of a source from a place in a generation on, that was begun at a moment or after it. */
export async function storedSince(
  uploader: Uploader,
  source: KeySource,
  place: { readonly generation: string; readonly offset: number; readonly begunAtMs: number },
  signal: AbortSignal,
): Promise<StoredPiece[]> {
  const { template, names, layout } = source;
  // One letter less sorts before it, and behind all that is before it.
  const after = layout.isInOrder ? keyOf(template, { ...names, ...place }).slice(0, -1) : "";
  const { keys } = await listAll(uploader, layout.beginning, after, signal);
  return piecesOf(source, keys);
}

/** What is stored of the latest generations of a source, from their beginnings on: of those that the last day has pieces of. */
export async function storedLast(
  uploader: Uploader,
  source: KeySource,
  signal: AbortSignal,
): Promise<StoredPiece[]> {
  const { beginning, hasDateFolders, isInOrder } = source.layout;
  const folders = hasDateFolders ? (await listAll(uploader, beginning, "", signal, true)).keys : [];
  const last = folders.toSorted().at(-1) ?? beginning;
  const ofLastDay = piecesOf(source, (await listAll(uploader, last, "", signal)).keys);
  const [first] = ofLastDay.map(({ generation }) => generation).sort();
  if (first === undefined || !hasDateFolders || !isInOrder) return ofLastDay;
  const place = { generation: first, offset: 0, begunAtMs: momentOf(first) };
  return storedSince(uploader, source, place, signal);
}

function piecesOf({ template, names }: KeySource, keys: readonly string[]): StoredPiece[] {
  const read = keyReader(template);
  const pieces = keys.flatMap((key) => {
    const piece = read(key);
    const isOwn = piece?.host === names.host && piece.source === names.source;
    return isOwn ? [{ key, generation: piece.generation, offset: piece.offset }] : [];
  });
  return pieces.sort((a, b) => a.offset - b.offset);
}
