import { shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

/** Answers tell the time to the second, and take a while. */
const NOTICEABLE_MS = 5000;
/** S3 refuses requests whose time differs by more ("RequestTimeTooSkewed" in the S3 API Reference). */
const REFUSED_MS = 15 * 60_000;
const SET_CLOCK = shell`timedatectl set-ntp true`;

/** @param serverAheadMs How far the server's clock is ahead of this host's; undefined if the server does not tell. */
export function checkClock(serverAheadMs: number | undefined): Finding[] {
  if (serverAheadMs === undefined) return [ok("clock", "the server does not tell its time")];
  const off = Math.abs(serverAheadMs);
  if (off < NOTICEABLE_MS) return [ok("clock", "as the server's, to some seconds")];
  const text = `this host is ${amountText(off)} ${serverAheadMs > 0 ? "behind" : "ahead of"} the server`;
  if (off < REFUSED_MS) return [warning("clock", text, SET_CLOCK)];
  return [failed("clock", `${text}; S3 allows 15 min`, SET_CLOCK)];
}

function amountText(ms: number): string {
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
