import { type Shard, stretchOf } from "../contract/shard.ts";
import type { Coverage, Hole } from "./coverage.ts";
import type { Findings } from "./finding.ts";
import type { Strand } from "./strand.ts";

/** A batch of which all pieces were looked at. */
export interface SeenBatch {
  readonly hasMetadata: boolean;
  readonly records: number | undefined;
  readonly shard: Shard | undefined;
  readonly strands: readonly Strand[];
  readonly coverage: Coverage;
  /** Pieces are missing of which nothing says how many records they had. */
  readonly isOutOfStep: boolean;
  readonly findings: Findings;
}

/** Tells what is missing of a batch, whether its end was reached, and whether its marks of success say the same. */
export function tellEnd(batch: SeenBatch): void {
  const { strands, records, shard, coverage, findings } = batch;
  const countBefore = findings.count;
  const holes = coverage.holes(beginOf(batch), knownEnd(batch));
  for (const hole of holes) {
    const { from, to } = hole;
    findings.add("hole", holeText(hole), holeKeys(hole), { unit: "records", from, to });
  }
  for (const strand of strands) tellEndOfStrand(strand, batch, holes);
  tellMissingShards(batch);
  const isEmpty = strands.every(({ pieces, mark }) => pieces === 0 && !mark);
  if (isEmpty && findings.count === countBefore) findings.add("end", "there are no pieces", []);
  if (shard === undefined && records !== undefined && coverage.end > records) {
    const text = `it has records up to ${coverage.end - 1}, which is more than ${records} of them`;
    findings.add("records", text, [coverage.lastKey!]);
  }
  // Where something else is wrong, marks say no more than that.
  for (const strand of strands) if (findings.count === 0) tellMark(strand, findings);
}

function beginOf({ shard, records, isOutOfStep }: SeenBatch): number | undefined {
  if (shard && records !== undefined) return stretchOf(shard, records).first;
  return isOutOfStep ? undefined : 0;
}

/** Where the records have to end; undefined if nothing says so. */
function knownEnd({ shard, records, strands, coverage, isOutOfStep }: SeenBatch): number | undefined {
  if (isOutOfStep) return undefined;
  if (records !== undefined) {
    const stretch = shard ? stretchOf(shard, records) : { first: 0, records };
    return Math.max(coverage.end, stretch.first + stretch.records);
  }
  const ends = strands.flatMap(({ mark }) => (mark ? [mark.firstRecord + mark.records] : []));
  return ends.length === 0 ? undefined : Math.max(coverage.end, ...ends);
}

/** Each process has to have said that it came to its end. */
function tellEndOfStrand(strand: Strand, batch: SeenBatch, holes: readonly Hole[]): void {
  const { hasMetadata, records, findings } = batch;
  const { last, mark, pieces, lastKey, nextRecord = 0 } = strand;
  const isKnown = last !== undefined || mark !== undefined || (!hasMetadata && records !== undefined);
  // What is missing behind it is told already.
  if (pieces === 0 || isKnown || holes.some(({ from }) => from === nextRecord)) return;
  const text = hasMetadata
    ? `no piece is marked as the last one; the latest is ${lastKey}, up to record ${nextRecord - 1}`
    : `nothing says whether ${lastKey} is the last piece; run --success writes it down, or give --records`;
  findings.add("end", text, [lastKey!]);
}

/** Shards that are missing between others leave a hole; those behind the others do not. */
function tellMissingShards({ shard, strands, records, coverage, findings }: SeenBatch): void {
  const of = strands.find((strand) => strand.shard)?.shard?.of ?? 0;
  const latest = Math.max(0, ...strands.map((strand) => strand.shard?.number ?? 0));
  if (shard || records !== undefined || coverage.end === 0 || of <= latest) return;
  const missing =
    latest + 1 === of ? `shard ${of}/${of} is` : `shards ${latest + 1}/${of} to ${of}/${of} are`;
  findings.add("end", `${missing} missing`, []);
}

/** A mark has to count what is there. */
function tellMark({ mark, pieces, records, bytes, crc32 }: Strand, findings: Findings): void {
  if (!mark) return;
  const found = { pieces, records, bytes, crc32: crc32.toString(16).padStart(8, "0") };
  const names = (["pieces", "records", "bytes", "crc32"] as const).filter(
    (name) => mark[name] !== found[name],
  );
  if (names.length === 0) return;
  const texts = names.map((name) => `${name} ${found[name]}, not ${mark[name]}`);
  findings.add("mark", `${mark.key} says otherwise than what is there: ${texts.join(", ")}`, [mark.key]);
}

function holeText({ from, to, after, before }: Hole): string {
  const place =
    after && before
      ? `between ${after} and ${before}`
      : before
        ? `before ${before}`
        : after
          ? `behind ${after}`
          : "and nothing is there";
  const what = to - from === 1 ? `record ${from} is` : `records ${from} to ${to - 1} are`;
  return `${what} missing, ${place}`;
}

function holeKeys({ after, before }: Hole): string[] {
  return [after, before].filter((key) => key !== undefined);
}
