import type { FoundRegion } from "../destination/region.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, ok, warning } from "./finding.ts";

const SOURCES: Record<FoundRegion["source"], string> = {
  AWS_REGION: "by AWS_REGION",
  AWS_DEFAULT_REGION: "by AWS_DEFAULT_REGION",
  profile: "by the profile",
  instance: "the region of this instance",
  default: "by default",
};

/** @param actual Where the bucket is; undefined if the server does not tell. */
export function checkRegion({ name, source }: FoundRegion, actual: string | undefined): Finding[] {
  const configured = `${name}, ${SOURCES[source]}`;
  if (actual === undefined || actual === name) return [ok("region", configured)];
  const text = `the bucket is in ${actual}, and ${configured} is asked first`;
  return [warning("region", text, shell`export AWS_REGION=${actual}`)];
}
