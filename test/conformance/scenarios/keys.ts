/** Keys that few programs expect: stored, listed and read back under the same name. */
import { listObjects, readObject } from "../../support/bucket.ts";
import { workplace } from "../../support/proxied-server.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { lastWords } from "../stage.ts";

const CONTENT = "one\n";

/** What is odd, the prefix and the name that make it. */
const ODD = {
  "a space": ["", "a b.log"],
  "a plus": ["", "a+b.log"],
  "a percent": ["", "a%2Fb.log"],
  NFD: ["", "u\u0308.log"],
  "quotes and semicolon": ["", "q\"'<&>;=@.log"],
} as const;

const WHOLE = {
  "two slashes": ["a//b/", "a.log"],
  "1024 bytes": [`${"k".repeat(200)}/`.repeat(4), "l".repeat(220)],
} as const;

export const oddKeys: Scenario = keysScenario(
  "odd keys",
  "keys with a space, plus, percent, quotes, and in NFD",
  ODD,
);
export const doubleSlash: Scenario = keysScenario("`//` in keys", "a key with an empty part", {
  "two slashes": WHOLE["two slashes"],
});
export const longKey: Scenario = keysScenario("key of 1024 bytes", "the longest key", {
  "1024 bytes": WHOLE["1024 bytes"],
});

function keysScenario(
  name: string,
  what: string,
  keys: Record<string, readonly [prefix: string, file: string]>,
): Scenario {
  return {
    name,
    holds: `${what}: uploaded, listed and read back`,
    async run(stage) {
      await stage.makeBucket();
      const wanted: string[] = [];
      for (const [prefix, file] of Object.values(keys)) {
        const cwd = workplace({ [file]: CONTENT });
        const target = `${stage.bucket}/${prefix}`;
        const result = await stage.s3.logship("upload", target, ["--attempts", "2", `./${file}`], { cwd });
        if (result.exitCode !== 0) throw new No(lastWords("upload", result));
        wanted.push(`${prefix}${file}`);
      }
      const listed = (await listObjects(stage.server, stage.bucket)).map(({ key }) => key);
      if (listed.toSorted().join("\n") !== wanted.toSorted().join("\n"))
        throw new No(
          "the key that is listed is another one than was stored, so that a listing cannot prove it",
        );
      for (const key of wanted) {
        if ((await readObject(stage.server, stage.bucket, key)).toString() !== CONTENT)
          throw new No("what is read is not what was stored");
      }
    },
  };
}
