/** Pieces as `ship` stores them, made up, and what verify says of them. */
import { crc32 } from "node:zlib";
import { DEFAULT_TEMPLATE, keyOf } from "../../src/contract/shipped-key.ts";
import { run } from "./logship.ts";
import { bucketInMemory, type ServedObject, startMemoryS3 } from "./memory-s3.ts";
import { environmentOf } from "./s3-server.ts";

export interface Piece {
  readonly generation: string;
  readonly first: number;
  readonly text: string;
  /** The hour in its key: `2017-01-12T14`. */
  readonly at: string;
  readonly previous?: string | undefined;
  readonly source?: string;
}

/** The id of a generation that was met at a moment. */
export function generationAt(moment: string): string {
  return `${new Date(moment).toISOString().replace(/[-:.Z]/g, "")}-0a1b2c3d`;
}

function served(piece: Piece | { readonly key: string; readonly text: string }): ServedObject {
  const body = new Uint8Array(Buffer.from(piece.text));
  if ("key" in piece) return { key: piece.key, body, metadata: {} };
  const { generation, first, at, previous, source = "s" } = piece;
  const names = { host: "h", source, name: "s" };
  const begunAtMs = Date.parse(`${at}:00:00Z`);
  const metadata = {
    records: String(piece.text.split("\n").length - 1),
    bytes: String(body.length),
    crc32: crc32(body).toString(16).padStart(8, "0"),
    host: "h",
    source,
    generation,
    "first-offset": String(first),
    "last-offset": String(first + body.length),
    start: "0",
    ...(previous === undefined ? {} : { previous }),
  };
  return { key: keyOf(DEFAULT_TEMPLATE, { ...names, generation, offset: first, begunAtMs }), body, metadata };
}

/** The findings of verify, a line each; or why it was refused. */
export async function verified(
  pieces: readonly (Piece | { readonly key: string; readonly text: string })[],
  ...args: string[]
): Promise<string[]> {
  const server = startMemoryS3(bucketInMemory(pieces.map(served)));
  const { stdout, stderr, exitCode } = await run(["verify", "s3://bucket", ...args], {
    env: environmentOf(server),
  });
  await server.stop();
  if (exitCode > 1) return [stderr.trimEnd()];
  const lines = stdout.split("\n").filter((line) => /^[a-z]+: /.test(line));
  return lines.filter((line) => !/^(complete|incomplete): /.test(line));
}
