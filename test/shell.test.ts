import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { needs } from "./support/needs.ts";

const root = join(import.meta.dir, "..");

/** Every file that a shell runs, whatever its name; shellcheck takes the dialect from the first line. */
function shellScripts(): string[] {
  const directories = [".ci", "install", "test"].filter((name) => existsSync(join(root, name)));
  const paths = directories.flatMap((directory) =>
    readdirSync(join(root, directory), { recursive: true }).map((name) =>
      join(root, directory, String(name)),
    ),
  );
  return paths.filter((path) => statSync(path).isFile() && isShellScript(readFileSync(path, "latin1")));
}

function isShellScript(text: string): boolean {
  return /^#!\s*\S*\/(env )?(sh|dash|bash)\b/.test(text);
}

test.skipIf(!needs("shellcheck"))("shellcheck finds nothing in any shell script", () => {
  const scripts = shellScripts();
  expect(scripts).toContain(join(root, ".ci/run"));
  const { stdout, exitCode } = Bun.spawnSync(["shellcheck", "--external-sources", ...scripts]);
  expect(stdout.toString()).toBe("");
  expect(exitCode).toBe(0);
});
