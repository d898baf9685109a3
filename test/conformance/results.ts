/** What was seen, kept beside this file, one file a server; the page is made of it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ServerRecipe } from "./server.ts";
import type { Walk } from "./walk.ts";

export interface Result {
  readonly version: string;
  /** `2026-11-30` */
  readonly date: string;
  readonly logship: string;
  readonly walk: Walk;
}

export function keepResult(recipe: ServerRecipe, result: Result): void {
  mkdirSync(join(import.meta.dir, "results"), { recursive: true });
  writeFileSync(pathOf(recipe), `${JSON.stringify(result, undefined, 2)}\n`);
}

export function keptResult(recipe: ServerRecipe): Result | undefined {
  const path = pathOf(recipe);
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

function pathOf({ name }: ServerRecipe): string {
  return join(import.meta.dir, "results", `${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.json`);
}
