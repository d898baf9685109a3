/**
 * Where one file ends and the next begins, byte for byte as daemontools 0.76 does it. It reads 1024 bytes at a time,
 * hands lines to the file through a buffer of 512 bytes, empties the buffer before each read, and looks at the size of
 * the file once for each chunk that leaves the buffer. Only the reads during which the file comes near its size matter;
 * all others are written in one piece.
 */
import { unableTo } from "../system/errors.ts";
import { attemptPausing, type LogDirectory, type Surroundings } from "./log-directory.ts";
import { rotate } from "./rotation.ts";

/** What daemontools reads at once. */
export const READ_BYTES = 1024;
/** The part of a line that is handled as a unit: what patterns see. */
export const LINE_BYTES = 1000;
const BUFFER_BYTES = 512;
/** A file ends at a line end that comes as close to its size. */
const MARGIN_BYTES = 2000;
const NEWLINE = 0x0a;

/** Lines for a directory, and the places between them where daemontools would have read on. */
export interface Batch {
  readonly bytes: Buffer;
  /** Offsets into the bytes, ascending; the end of the batch is one of them whether it is listed or not. */
  readonly readEnds: Int32Array;
  readEndCount: number;
}

/**
 * Writes bytes `from` to `to` of a batch to `current`, rotating where daemontools would, waiting while it cannot be
 * done. When it returns, all of them are in the directory's files, though not forced to disk.
 */
export function append(
  log: LogDirectory,
  batch: Batch,
  from: number,
  to: number,
  surroundings: Surroundings,
): void {
  let readEnd = 0;
  while (from < to) {
    while (readEnd < batch.readEndCount && batch.readEnds[readEnd]! <= from) readEnd++;
    const room = log.settings.sizeBytes - MARGIN_BYTES - log.currentBytes;
    if (to - from < room) {
      writePlain(log, batch.bytes, from, to, surroundings);
      return;
    }
    let far = from;
    while (readEnd < batch.readEndCount && batch.readEnds[readEnd]! - from < room) {
      far = Math.max(far, batch.readEnds[readEnd++]!);
    }
    if (far > from) writePlain(log, batch.bytes, from, far, surroundings);
    const end = Math.min(to, readEnd < batch.readEndCount ? batch.readEnds[readEnd]! : to);
    if (end > far) appendOneRead(log, batch.bytes, far, end, surroundings);
    from = end;
  }
}

/** Writes what cannot bring the file near its size. */
function writePlain(
  log: LogDirectory,
  bytes: Buffer,
  from: number,
  to: number,
  surroundings: Surroundings,
): void {
  log.isInLine = bytes[to - 1] !== NEWLINE;
  while (from < to) from += write(log, bytes, from, to - from, surroundings);
}

function appendOneRead(
  log: LogDirectory,
  bytes: Buffer,
  from: number,
  to: number,
  surroundings: Surroundings,
): void {
  let bufferStart = from;
  let at = from;
  const flush = () => {
    if (at > bufferStart) writeChunk(log, bytes, bufferStart, at, surroundings);
    bufferStart = at;
  };
  while (at < to) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline === -1 || newline >= to ? to : newline + 1;
    if (!log.isInLine) {
      const unit = Math.min(newline === end - 1 ? newline - at : end - at, LINE_BYTES);
      if (unit > BUFFER_BYTES - (at - bufferStart)) flush();
      at += unit;
      if (unit > BUFFER_BYTES) flush();
    }
    while (at < end) {
      if (at - bufferStart === BUFFER_BYTES) flush();
      at += Math.min(BUFFER_BYTES - (at - bufferStart), end - at);
    }
    log.isInLine = newline !== end - 1;
  }
  flush();
}

function writeChunk(
  log: LogDirectory,
  bytes: Buffer,
  from: number,
  to: number,
  surroundings: Surroundings,
): void {
  const { sizeBytes } = log.settings;
  while (from < to) {
    if (log.currentBytes >= sizeBytes) rotateWhenPossible(log, surroundings);
    let length = Math.min(to - from, sizeBytes - log.currentBytes);
    if (log.currentBytes + length >= sizeBytes - MARGIN_BYTES) {
      const newline = bytes.lastIndexOf(NEWLINE, from + length - 1);
      if (newline >= from) length = newline + 1 - from;
    }
    from += write(log, bytes, from, length, surroundings);
    if (log.currentBytes >= sizeBytes - MARGIN_BYTES && bytes[from - 1] === NEWLINE) {
      rotateWhenPossible(log, surroundings);
    }
  }
}

/** @returns bytes written, at least one */
function write(
  log: LogDirectory,
  bytes: Buffer,
  from: number,
  length: number,
  { files, obstacles }: Surroundings,
): number {
  const written = obstacles.overcome(() => {
    const path = `${log.name}/current`;
    const count = attemptPausing("write to", path, () => files.write(log.current, bytes, from, length));
    if (count === 0) throw unableTo("write to", `${path}, pausing`, "nothing was written");
    return count;
  });
  log.currentBytes += written;
  return written;
}

function rotateWhenPossible(log: LogDirectory, surroundings: Surroundings): void {
  surroundings.obstacles.overcome(() => rotate(log, surroundings));
}
