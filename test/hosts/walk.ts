/** What main-paths.sh prints of a host. */
import type { Output } from "../install/collect.ts";

export interface Walk {
  /** System, C library, kernel and machine. */
  readonly host: string;
  /** By their names. */
  readonly paths: ReadonlyMap<string, Path>;
  /** All of what was printed, to show when something is wrong. */
  readonly text: string;
}

export interface Path {
  readonly outcome: "ok" | "failed" | "skipped";
  /** Undefined where it was skipped. */
  readonly milliseconds: number | undefined;
}

/** @throws Error with all that was printed, if it did not come to its end */
export function readWalk({ stdout, stderr, exitCode }: Output): Walk {
  const text = stdout + stderr;
  const host = /^host: (.*)$/m.exec(stdout)?.[1];
  if (host === undefined || !/^\d+ passed, \d+ failed$/m.test(stdout))
    throw new Error(`main-paths.sh ended with ${exitCode}: ${text}`);
  const paths = new Map<string, Path>();
  for (const [, outcome, name, time] of stdout.matchAll(/^(ok|failed|skipped) (\w+)(?: (\d+)$|: )/gm)) {
    const milliseconds = time === undefined ? undefined : Number(time);
    paths.set(name!, { outcome: outcome as Path["outcome"], milliseconds });
  }
  return { host, paths, text };
}

/** Everything that was printed, unless exactly these paths were walked and all is well: then nothing. */
export function wrongIn({ paths, text }: Walk, expected: readonly string[]): string {
  const isWell = [...paths.values()].every(({ outcome }) => outcome === "ok");
  return isWell && [...paths.keys()].join(" ") === expected.join(" ") ? "" : text;
}

/** Every path, in the order of main-paths.sh; the last one needs a host that may be spoiled. */
export const PATHS = [
  ...["starts", "generate", "split", "run", "upload", "ship", "multilog", "filters", "stand_ins"],
  ...["tail", "services", "doctor", "s3", "setup"],
];
