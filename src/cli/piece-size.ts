import { NotParsed } from "../system/errors.ts";
import { parseSize } from "../system/quantity.ts";

const LARGEST_PIECE_BYTES = 1024 ** 3;

/** The value of `--piece-bytes`. A piece lives in memory. @throws NotParsed `must be at most 1G` */
export function parsePieceSize(text: string): number {
  const sizeBytes = parseSize(text);
  if (sizeBytes > LARGEST_PIECE_BYTES) throw new NotParsed("must be at most 1G");
  return sizeBytes;
}
