import { plain, table } from "../../src/build/markdown.ts";
import { keptResult } from "./results.ts";
import { SCENARIOS } from "./scenarios/all.ts";
import { SERVERS } from "./servers/all.ts";

const INTRODUCTION = `# S3 servers that logship was seen to work with

\`npm run conformance\` installs these servers, starts each on loopback, plays the same scenarios beside all of them, and
writes this page. A row stands for the version and the day it names; each "no" has a footnote with what was seen on the wire and what
logship does about it. A dash is a scenario that the server, as it is started here, has nothing to be tried with.
`;

/** docs/works-with.md, from what is kept of all servers. */
export function page(): string {
  const footnotes: string[] = [];
  const rows = SERVERS.flatMap((recipe) => {
    const result = keptResult(recipe);
    if (result === undefined) return [];
    const cells = SCENARIOS.map(({ name }) => {
      const { verdict, seen, means = "" } = result.walk[name] ?? { verdict: "" };
      if (verdict !== "no") return verdict;
      footnotes.push(`${recipe.name}, ${name}: \`${(seen ?? "").replaceAll("`", "'")}\`. ${plain(means)}`);
      return `no [${footnotes.length}](#footnotes)`;
    });
    return [{ recipe, result, cells }];
  });
  const servers = rows.map(({ recipe, result }) => [recipe.name, result.version, recipe.source, result.date]);
  const heads = ["", ...rows.map(({ recipe }) => recipe.name)];
  const lines = SCENARIOS.map(({ name }, index) => [name, ...rows.map(({ cells }) => cells[index]!)]);
  return [
    INTRODUCTION,
    table(["server", "version", "from", "seen on"], servers),
    "",
    table(heads, lines),
    "",
    "## What has to hold\n",
    ...SCENARIOS.map(({ name, holds }) => `- **${name}**: ${holds}.`),
    "",
    "## Footnotes\n",
    ...footnotes.map((text, index) => `${index + 1}. ${text}`),
    "",
  ].join("\n");
}
