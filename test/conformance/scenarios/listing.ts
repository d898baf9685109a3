import { run } from "../../support/logship.ts";
import { workplace } from "../../support/proxied-server.ts";
import { environmentOf } from "../../support/s3-server.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";

/** More than a page has. */
const KEYS = 1100;

export const listing: Scenario = {
  name: "listing",
  holds: "1100 keys with a space, plus, percent and `ü` are listed by `verify` in two pages, each once",
  isLong: true,
  async run({ s3, server, bucket }) {
    const files = Object.fromEntries(Array.from({ length: KEYS }, (_, index) => [nameOf(index), "x\n"]));
    const cwd = workplace(files);
    const args = ["--quiet", "--concurrency", "16", ...Object.keys(files)];
    const stored = await s3.logship("upload", bucket, args, { cwd });
    if (stored.exitCode !== 0) throw new No(`\`upload\` ends with ${stored.exitCode}`);
    const env = environmentOf(server, s3.proxy.endpoint);
    const { stdout } = await run(["verify", `s3://${bucket}`, "--json"], { env });
    const events = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const named: string[] = events.filter(({ event }) => event === "finding").flatMap(({ keys }) => keys);
    const wanted = Object.keys(files).sort();
    if (named.length !== KEYS) throw new No(`\`verify\` names ${named.length} of ${KEYS} keys`);
    if (named.toSorted().join("\n") !== wanted.join("\n"))
      throw new No("`verify` names other keys than were stored");
  },
};

function nameOf(index: number): string {
  return `${["a b", "a+b", "a%2Fb", "ü"][index % 4]}-${String(index).padStart(4, "0")}.log`;
}
