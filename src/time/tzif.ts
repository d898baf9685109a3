/** The compiled zone files of the tz database: RFC 8536 and RFC 9636, versions 1 to 4. */

export interface ZoneFile {
  /** In force before the first transition, and for ever in a file without any. */
  readonly firstOffsetSeconds: number;
  /** In ascending order; the seconds count leap seconds if `leaps` is not empty. */
  readonly transitions: readonly {
    readonly at: number;
    readonly offsetSeconds: number;
    readonly isSummer: boolean;
  }[];
  /** `at` is the leap second itself; from it on `correction` seconds have to be taken off. */
  readonly leaps: readonly { readonly at: number; readonly correction: number }[];
  /** The rule after the last transition as a POSIX zone; empty if the file has none. */
  readonly footer: string;
}

const HEADER_BYTES = 44;
const MAGIC = 0x545a6966; // TZif

/** Reads a zone file; undefined if the bytes are not one. */
export function parseZoneFile(bytes: Uint8Array): ZoneFile | undefined {
  try {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (view.getUint32(0) !== MAGIC) return undefined;
    const first = readHeader(view, 0);
    if (first.version === 0) return readBlock(view, HEADER_BYTES, first, 4);
    const second = HEADER_BYTES + blockBytes(first, 4);
    if (view.getUint32(second) !== MAGIC) return undefined;
    const header = readHeader(view, second);
    const footerStart = second + HEADER_BYTES + blockBytes(header, 8);
    return { ...readBlock(view, second + HEADER_BYTES, header, 8), footer: readFooter(bytes, footerStart) };
  } catch (error) {
    if (error instanceof RangeError) return undefined; // cut short
    throw error;
  }
}

type Header = ReturnType<typeof readHeader>;

function readHeader(view: DataView, at: number) {
  const count = (index: number) => view.getUint32(at + 20 + 4 * index);
  return {
    version: view.getUint8(at + 4),
    universalFlags: count(0),
    standardFlags: count(1),
    leaps: count(2),
    transitions: count(3),
    offsets: count(4),
    nameBytes: count(5),
  };
}

function blockBytes(header: Header, timeBytes: 4 | 8): number {
  const { transitions, offsets, nameBytes, leaps, standardFlags, universalFlags } = header;
  const flags = standardFlags + universalFlags;
  return transitions * (timeBytes + 1) + offsets * 6 + nameBytes + leaps * (timeBytes + 4) + flags;
}

function readBlock(view: DataView, start: number, header: Header, timeBytes: 4 | 8): ZoneFile {
  const time = (at: number) => (timeBytes === 4 ? view.getInt32(at) : Number(view.getBigInt64(at)));
  const kindsStart = start + header.transitions * timeBytes;
  const offsetsStart = kindsStart + header.transitions;
  const leapsStart = offsetsStart + header.offsets * 6 + header.nameBytes;
  const offset = (kind: number) => {
    if (kind >= header.offsets) throw new RangeError();
    return view.getInt32(offsetsStart + 6 * kind);
  };
  const transitions = Array.from({ length: header.transitions }, (_, i) => ({
    at: time(start + i * timeBytes),
    offsetSeconds: offset(view.getUint8(kindsStart + i)),
    isSummer: view.getUint8(offsetsStart + 6 * view.getUint8(kindsStart + i) + 4) !== 0,
  }));
  const leaps = Array.from({ length: header.leaps }, (_, i) => {
    const at = leapsStart + i * (timeBytes + 4);
    return { at: time(at), correction: view.getInt32(at + timeBytes) };
  });
  return { firstOffsetSeconds: offset(0), transitions, leaps, footer: "" };
}

function readFooter(bytes: Uint8Array, start: number): string {
  const end = bytes.indexOf(0x0a, start + 1);
  if (bytes[start] !== 0x0a || end < 0) return "";
  return String.fromCharCode(...bytes.subarray(start + 1, end));
}
