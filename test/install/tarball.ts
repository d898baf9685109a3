import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isRoot, needs } from "../support/needs.ts";
import { runDirectory } from "../support/run-directory.ts";
import { madeOnce } from "./once.ts";

const FETCH = `
  mkdir -p sources lists/partial && printf %s "$2" >sources/debian.sources
  fetch() { apt-get -o=Dir::Etc::SourceList=/dev/null "-o=Dir::Etc::SourceParts=$PWD/sources" "-o=Dir::State::Lists=$PWD/lists" "$@"; }
  fetch update && fetch source --download-only --tar-only daemontools`;

/**
 * The source of daemontools where hosts can be made; undefined elsewhere.
 *
 * @param programs What the tests need besides.
 */
export async function tarballIfPossible(...programs: readonly string[]): Promise<string | undefined> {
  if (!isRoot()) return undefined;
  if (!needs("debootstrap", "systemd-nspawn", "nsenter", "apt-get", "flock", ...programs)) return undefined;
  return fetchTarball();
}

/**
 * Fetches the source of daemontools 0.76 as its author published it: it is the upstream part of Debian's source package.
 * The first of a test run fetches it, for all.
 *
 * @returns its path; undefined if it cannot be fetched, which is said on standard error
 */
export async function fetchTarball(): Promise<string | undefined> {
  const directory = join(runDirectory, "daemontools");
  const tarball = join(directory, "daemontools_0.76.orig.tar.gz");
  mkdirSync(directory, { recursive: true });
  const fetched = await madeOnce(tarball, FETCH, [sourceEntries()], directory);
  if (existsSync(tarball)) return tarball;
  process.stderr.write(
    `unable to fetch the source of daemontools: ${fetched.stderr.trim().split("\n").at(-1)}\n`,
  );
  return undefined;
}

/** The package sources of this host, asked for source packages. */
function sourceEntries(): string {
  const parts = "/etc/apt/sources.list.d";
  const files = existsSync(parts) ? readdirSync(parts).filter((name) => name.endsWith(".sources")) : [];
  const entries = files.map((name) =>
    readFileSync(join(parts, name), "utf8").replace(/^Types:.*$/gm, "Types: deb-src"),
  );
  const list = existsSync("/etc/apt/sources.list") ? readFileSync("/etc/apt/sources.list", "utf8") : "";
  for (const [, uri, suite, components] of list.matchAll(/^deb (?:\[.*?\] )?(\S+) (\S+) (.*)$/gm)) {
    entries.push(`Types: deb-src\nURIs: ${uri}\nSuites: ${suite}\nComponents: ${components}\n`);
  }
  return entries.join("\n\n");
}
