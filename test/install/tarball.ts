import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRoot, needs } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { collect } from "./container.ts";

/** The source of daemontools where hosts can be made; undefined elsewhere. */
export async function tarballIfPossible(): Promise<string | undefined> {
  if (!isRoot()) return undefined;
  if (!needs("debootstrap", "systemd-nspawn", "nsenter", "apt-get")) return undefined;
  return fetchTarball();
}

/**
 * Fetches the source of daemontools 0.76 as its author published it: it is the upstream part of Debian's source package.
 *
 * @returns its path; undefined if it cannot be fetched, which is said on standard error
 */
export async function fetchTarball(): Promise<string | undefined> {
  const directory = temporaryDirectory("daemontools");
  const sources = join(directory, "sources");
  mkdirSync(sources);
  mkdirSync(join(directory, "lists/partial"), { recursive: true });
  writeFileSync(join(sources, "debian.sources"), sourceEntries());
  const apt = [
    "apt-get",
    "-o=Dir::Etc::SourceList=/dev/null",
    `-o=Dir::Etc::SourceParts=${sources}`,
    `-o=Dir::State::Lists=${directory}/lists`,
  ];
  await collect([...apt, "update"]);
  const fetched = await collect(
    [...apt, "source", "--download-only", "--tar-only", "daemontools"],
    directory,
  );
  const tarball = join(directory, "daemontools_0.76.orig.tar.gz");
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
