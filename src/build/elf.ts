/** Reads what a 64-bit little-endian ELF executable asks of the system it starts on (System V ABI; LSB symbol versioning). */
import { closeSync, openSync, readSync } from "node:fs";

const PT_LOAD = 1;
const PT_DYNAMIC = 2;
const PT_INTERP = 3;
const DT_NEEDED = 1n;
const DT_STRTAB = 5n;
const DT_VERNEED = 0x6ffffffen;
const DT_VERNEEDNUM = 0x6fffffffn;
const MACHINES: Record<number, string> = { 62: "x86-64", 183: "aarch64" };

export interface Requirements {
  readonly machine: string;
  readonly interpreter: string;
  /** Shared libraries, as `libc.so.6`. */
  readonly libraries: readonly string[];
  /** Symbol versions, as `GLIBC_2.17`. */
  readonly versions: readonly string[];
}

interface Segment {
  readonly type: number;
  readonly offset: number;
  readonly address: number;
  readonly size: number;
}

/** @throws Error `<path>: not a 64-bit little-endian ELF file` */
export function readRequirements(path: string): Requirements {
  const fd = openSync(path, "r");
  const read = (offset: number, length: number) => {
    const bytes = Buffer.alloc(length);
    return bytes.subarray(0, readSync(fd, bytes, 0, length, offset));
  };
  try {
    const header = read(0, 64);
    if (header.toString("latin1", 0, 6) !== "\x7fELF\x02\x01")
      throw new Error(`${path}: not a 64-bit little-endian ELF file`);
    const segments = readSegments(header, read);
    const offsetOf = (address: number) => {
      const segment = segments.find(
        (s) => s.type === PT_LOAD && s.address <= address && address < s.address + s.size,
      );
      return segment ? address - segment.address + segment.offset : address;
    };
    const textAt = (offset: number) => {
      const bytes = read(offset, 4096);
      return bytes.toString("latin1", 0, bytes.indexOf(0));
    };
    const dynamic = readDynamic(segments, read);
    const value = (tag: bigint) => dynamic.find((entry) => entry.tag === tag)?.value ?? 0;
    const strings = offsetOf(value(DT_STRTAB));
    const needed = dynamic.filter((entry) => entry.tag === DT_NEEDED);
    const interpreter = segments.find((s) => s.type === PT_INTERP);
    return {
      machine: MACHINES[header.readUInt16LE(18)] ?? `machine ${header.readUInt16LE(18)}`,
      interpreter: interpreter ? textAt(interpreter.offset) : "",
      libraries: needed.map((entry) => textAt(strings + entry.value)),
      versions: readVersions(offsetOf(value(DT_VERNEED)), value(DT_VERNEEDNUM), read).map((name) =>
        textAt(strings + name),
      ),
    };
  } finally {
    closeSync(fd);
  }
}

type Read = (offset: number, length: number) => Buffer;

function readSegments(header: Buffer, read: Read): Segment[] {
  const start = Number(header.readBigUInt64LE(32));
  const entrySize = header.readUInt16LE(54);
  return Array.from({ length: header.readUInt16LE(56) }, (_, index) => {
    const entry = read(start + index * entrySize, entrySize);
    return {
      type: entry.readUInt32LE(0),
      offset: Number(entry.readBigUInt64LE(8)),
      address: Number(entry.readBigUInt64LE(16)),
      size: Number(entry.readBigUInt64LE(32)),
    };
  });
}

function readDynamic(segments: Segment[], read: Read): { tag: bigint; value: number }[] {
  const segment = segments.find((s) => s.type === PT_DYNAMIC);
  if (!segment) return [];
  const table = read(segment.offset, segment.size);
  return Array.from({ length: table.length >> 4 }, (_, index) => ({
    tag: table.readBigInt64LE(index * 16),
    value: Number(table.readBigUInt64LE(index * 16 + 8)),
  }));
}

/** Offsets in the string table of the version names that the libraries must offer. */
function readVersions(start: number, libraryCount: number, read: Read): number[] {
  const names: number[] = [];
  let library = start;
  for (let i = 0; i < libraryCount; i++) {
    const need = read(library, 16);
    let version = library + need.readUInt32LE(8);
    for (let j = 0; j < need.readUInt16LE(2); j++) {
      const entry = read(version, 16);
      names.push(entry.readUInt32LE(8));
      version += entry.readUInt32LE(12);
    }
    library += need.readUInt32LE(12);
  }
  return names;
}
