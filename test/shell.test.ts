import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { needs } from "./support/needs.ts";

const root = join(import.meta.dir, "..");

/** Every file that a shell runs, whatever its name; shellcheck takes the dialect from the first line. */
function shellScripts(): string[] {
  const directories = [".ci", "examples", "install", "src", "test"].filter((name) =>
    existsSync(join(root, name)),
  );
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

/** Before bash 4.4, `"${list[@]}"` of an empty list counts as unset under `set -u` and ends the script. */
test("install/ expands a list only where it has been counted, as bash 4.2 needs it", () => {
  for (const name of readdirSync(join(root, "install")).filter((file) => file.endsWith(".sh"))) {
    const text = readFileSync(join(root, "install", name), "utf8");
    for (const body of text.split(/^(?=[a-z_]+\(\))/m)) {
      for (const [, guard, list] of body.matchAll(/(\+")?"?\$\{([a-z]+)\[@\]\}/g)) {
        const isCounted = guard !== undefined || body.includes(`\${#${list}[@]}`);
        expect(`${name}: ${list} ${isCounted ? "is" : "is not"} counted`).toBe(`${name}: ${list} is counted`);
      }
    }
  }
});
