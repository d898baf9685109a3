import type { RecordedContent } from "../contract/content.ts";
import type { Content } from "./content.ts";
import type { FindingKind } from "./finding.ts";

export interface Problem {
  readonly kind: FindingKind;
  readonly text: string;
}

/**
 * What is wrong with the content of an object, the most telling first.
 *
 * @param recorded Undefined if nothing was written down.
 */
export function problemsOf(content: Content, recorded: RecordedContent | undefined): Problem[] {
  const problems: Problem[] = [];
  const add = (kind: FindingKind, text: string) => problems.push({ kind, text });
  const { bytes, records, crc32, fault, differsAt } = content;
  const isOfLength = recorded === undefined || bytes === recorded.bytes;
  if (!isOfLength) add("length", `it has ${bytes} bytes, not the ${recorded.bytes} recorded`);
  if (fault) add(fault.kind, `record ${fault.record} of it, at byte ${fault.byte}: ${fault.reason}`);
  if (differsAt !== undefined) add("content", `from byte ${differsAt} on it is not what the seed gives`);
  if (recorded === undefined) return problems;
  if (records !== recorded.records)
    add("records", `it has ${records} records, not the ${recorded.records} recorded`);
  if (isOfLength && crc32 !== recorded.crc32)
    add("checksum", `its CRC32 is ${crc32}, not the ${recorded.crc32} recorded`);
  return problems;
}
