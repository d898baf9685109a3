import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import { errnoName } from "../system/errno.ts";
import { NotParsed, reasonOf } from "../system/errors.ts";
import { unsignedSecondsOf } from "../tai64n/label.ts";

/** What supervise last wrote about its program. */
export interface ServiceState {
  /** 0 when the program is down. */
  readonly pid: number;
  readonly isPaused: boolean;
  /** What was asked for last; `nothing` after `svc -o`. */
  readonly want: "up" | "down" | "nothing";
  /** False where a file `down` keeps the service from starting by itself. */
  readonly isNormallyUp: boolean;
  /** When the pid last changed; a bigint because a stamp that nobody wrote may be far from today. */
  readonly changed: { readonly unixSeconds: bigint; readonly nanoseconds: number };
}

/** What /proc shows of a service whose supervise may not be asked. */
export interface SeenState {
  /** 0 when the program is down. */
  readonly pid: number;
  readonly supervisePid: number;
  /** Unix time; undefined when the program is down. */
  readonly startedAtMs: number | undefined;
  readonly isPaused: boolean;
  /** Undefined where that cannot be seen either. */
  readonly isNormallyUp: boolean | undefined;
}

/** A service is in a state, or has no supervise (the state cannot be known), or cannot be looked at. */
export type WrittenStatus =
  | { readonly kind: "supervised"; readonly state: ServiceState }
  | { readonly kind: "unsupervised"; readonly problem: string; readonly seenIn?: "/proc" }
  | {
      readonly kind: "unreadable";
      readonly problem: string;
      /** For lack of permission. */
      readonly isDenied: boolean;
      /** There is no such directory. */
      readonly isMissing: boolean;
    };

export type ServiceStatus = WrittenStatus | ({ readonly kind: "seen"; readonly seenIn: "/proc" } & SeenState);

const STATUS_BYTES = 18;

/** Reads what supervise says of the service in a directory. Order of the checks and words are those of svstat 0.76. */
export function readStatus(directory: string): WrittenStatus {
  let step = "chdir";
  try {
    probeDirectory(directory);
    step = "stat down";
    const isNormallyUp = !hasDownFile(directory);
    step = "open supervise/ok";
    probeSupervise(directory);
    step = "open supervise/status";
    const fd = openSync(`${directory}/supervise/status`, constants.O_RDONLY | constants.O_NONBLOCK);
    step = "read supervise/status";
    try {
      return { kind: "supervised", state: readState(fd, isNormallyUp) };
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (step === "open supervise/ok" && errnoName(error) === "ENXIO")
      return { kind: "unsupervised", problem: "supervise not running" };
    const reason = error instanceof NotParsed ? error.message : reasonOf(error);
    return {
      kind: "unreadable",
      problem: `unable to ${step}: ${reason}`,
      isDenied: errnoName(error) === "EACCES",
      isMissing: step === "chdir" && errnoName(error) === "ENOENT",
    };
  }
}

/** Opens and closes `supervise/ok`, whose other end supervise holds open as long as it lives. @throws the system's error */
export function probeSupervise(directory: string): void {
  closeSync(openSync(`${directory}/supervise/ok`, constants.O_WRONLY | constants.O_NONBLOCK));
}

/** Fails as chdir(2) would. @throws the system's error */
export function probeDirectory(directory: string): void {
  statSync(directory === "" ? "" : `${directory}/.`);
}

/** What svstat prints after the name: one line without its end. */
export function formatStatus(status: ServiceStatus, nowMs: number): string {
  if (status.kind === "seen") return formatSeen(status, nowMs);
  if (status.kind !== "supervised") return status.problem;
  const { pid, isPaused, want, isNormallyUp } = status.state;
  const notes = [pid ? `up (pid ${pid}) ` : "down ", `${ageSeconds(status.state, nowMs)} seconds`];
  if (pid && !isNormallyUp) notes.push(", normally down");
  if (!pid && isNormallyUp) notes.push(", normally up");
  if (pid && isPaused) notes.push(", paused");
  if (pid && want === "down") notes.push(", want down");
  if (!pid && want === "up") notes.push(", want up");
  return notes.join("");
}

function formatSeen({ pid, startedAtMs, isPaused, isNormallyUp }: SeenState, nowMs: number): string {
  const isUp = startedAtMs !== undefined;
  const notes = [isUp ? `up (pid ${pid}) ${secondsSince(startedAtMs, nowMs)} seconds` : "down"];
  if (isUp && isNormallyUp === false) notes.push(", normally down");
  if (!isUp && isNormallyUp === true) notes.push(", normally up");
  if (isPaused) notes.push(", paused");
  return `${notes.join("")} (as seen in /proc)`;
}

/** Whole seconds since a moment; 0 if it lies in the future. */
export function secondsSince(ms: number, nowMs: number): number {
  return Math.max(0, Math.floor((nowMs - ms) / 1000));
}

/** The pid of the service's program; 0 if it is down or not known. */
export function pidOf(status: ServiceStatus): number {
  if (status.kind === "seen") return status.pid;
  return status.kind === "supervised" ? status.state.pid : 0;
}

/**
 * Whole seconds since the program was started or died; 0 if that lies in the future.
 * Rounded to a double as svstat does, which only shows in a stamp that nobody wrote.
 */
export function ageSeconds(state: ServiceState, nowMs: number): bigint {
  const age = BigInt(Math.floor(nowMs / 1000)) - state.changed.unixSeconds;
  return age < 0n ? 0n : BigInt(Number(age));
}

/** Milliseconds since the last change of pid; negative if that lies in the future. */
export function ageMs(state: ServiceState, nowMs: number): number {
  return nowMs - changedAtMs(state);
}

/** Unix time in milliseconds of the last change of pid. */
export function changedAtMs(state: ServiceState): number {
  return Number(state.changed.unixSeconds) * 1000 + state.changed.nanoseconds / 1e6;
}

/** @throws the system's error */
export function hasDownFile(directory: string): boolean {
  try {
    statSync(`${directory}/down`);
    return true;
  } catch (error) {
    if (errnoName(error) === "ENOENT") return false;
    throw error;
  }
}

function readState(fd: number, isNormallyUp: boolean): ServiceState {
  const bytes = Buffer.alloc(STATUS_BYTES);
  if (readSync(fd, bytes, 0, STATUS_BYTES, 0) < STATUS_BYTES) throw new NotParsed("bad format");
  const wanted = bytes[17];
  return {
    pid: bytes.readUInt32LE(12),
    isPaused: bytes[16] !== 0,
    want: wanted === 0x75 ? "up" : wanted === 0x64 ? "down" : "nothing",
    isNormallyUp,
    changed: {
      unixSeconds: unsignedSecondsOf(bytes.toString("hex", 0, 8)),
      nanoseconds: bytes.readUInt32BE(8),
    },
  };
}
