import type { DestinationError } from "../destination/destination.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";
import { remedyOf, type Target } from "./remedies.ts";

const LOOPBACK = /^(localhost|127\..*|\[::1\])$/;

/** @param failure What asking it ended with; undefined if it has answered. */
export function checkEndpoint(url: URL, failure: DestinationError | undefined, target: Target): Finding[] {
  const address = `${url.origin}${url.pathname === "/" ? "" : url.pathname}`;
  if (failure) {
    const { topic, reason } = failure;
    return [failed("endpoint", `${address} is not usable: ${reason}`, remedyOf(topic, target))];
  }
  if (url.protocol === "https:") return [ok("endpoint", `${address} answers, its certificate is trusted`)];
  if (LOOPBACK.test(url.hostname)) return [ok("endpoint", `${address} answers`)];
  const remedy = shell`export AWS_ENDPOINT_URL_S3=https://${url.host}`;
  return [warning("endpoint", `${address} answers, but nothing is encrypted on the way`, remedy)];
}
