/**
 * Where servers are installed, outside of the checkout: the directory that LOGSHIP_CONFORMANCE names, or logship-conformance
 * in $XDG_CACHE_HOME or ~/.cache.
 */
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { ServerRecipe } from "./server.ts";

const cache =
  process.env.LOGSHIP_CONFORMANCE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "logship-conformance");

/** The programs of a recipe that are not here. */
export function missingTools({ tools }: ServerRecipe): string[] {
  return tools.filter((tool) => Bun.which(tool) === null);
}

/** True if it has been installed before. */
export function isInstalled(recipe: ServerRecipe): boolean {
  return recipe.install === undefined || existsSync(markOf(recipe));
}

/**
 * The directory of the server in the cache, installed if it is not. What an installation that failed left is removed
 * before the next one.
 *
 * @throws Error with what the installing program said last
 */
export async function installed(recipe: ServerRecipe): Promise<string> {
  const directory = directoryOf(recipe);
  if (isInstalled(recipe)) return directory;
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  await recipe.install?.(directory);
  writeFileSync(markOf(recipe), "");
  return directory;
}

function directoryOf({ name, version }: ServerRecipe): string {
  return join(cache, `${name}-${version}`.toLowerCase().replace(/[^a-z0-9.]+/g, "-"));
}

function markOf(recipe: ServerRecipe): string {
  return join(directoryOf(recipe), "installed");
}
