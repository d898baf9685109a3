/** What a soak has shown, as a picture and a table. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "../../src/build/markdown.ts";
import { judge, nameOf, type Series, seriesOf, troublesOf, WARM_UP } from "./judge.ts";
import { durationOf, picture } from "./picture.ts";
import type { Soak } from "./samples.ts";

const PICTURE = "soak.svg";

export function writeReport(soak: Soak, directory: string): void {
  writeFileSync(join(directory, PICTURE), picture(soak));
  writeFileSync(join(directory, "figures.md"), `${figures(soak)}\n`);
}

/** Puts the picture beside this file, and it and the figures between `<!-- soak -->` and `<!-- end -->` of test/README.md. */
export function publish(soak: Soak): void {
  writeFileSync(join(import.meta.dir, PICTURE), picture(soak));
  const path = join(import.meta.dir, "../README.md");
  const text = readFileSync(path, "utf8");
  const block = `<!-- soak -->\n![A small host over time](soak/${PICTURE})\n\n${figures(soak)}\n<!-- end -->\n`;
  writeFileSync(
    path,
    text.replace(/<!-- soak -->\n.*?<!-- end -->\n/s, () => block),
  );
}

/** When, where and with what, and a line for each series. */
export function figures(soak: Soak): string {
  const rows = seriesOf(soak).map((series) => {
    const { median, highest, growth, isGrowing } = judge(series);
    const cells = [median, highest, growth, series.allowed].map((value) => textOf(value, series));
    return [nameOf(series), ...cells, isGrowing ? "grows" : "no"];
  });
  const judged = `in the last ${Math.round((1 - WARM_UP) * 100)} %`;
  const heads = ["what", `median ${judged}`, "highest", "grown by", "allowed", "grows"];
  const troubles = troublesOf(soak);
  const end = troubles.length === 0 ? [] : [troubles.map((trouble) => `- ${trouble}`).join("\n")];
  return [head(soak), table(heads, rows), ...end].join("\n\n");
}

function head({ conditions, samples, work }: Soak): string {
  const duration = durationOf(samples.at(-1)?.seconds ?? 0);
  const looks = samples.flatMap(({ status }) => (status ? [status.tookMs] : [])).toSorted((a, b) => a - b);
  const done = work
    ? `\`run\` stored ${work.simulatedObjects} objects with ${megabytes(work.simulatedBytes)}, \`ship\` ${megabytes(work.shippedBytes)}, every byte once`
    : "not finished";
  const { startedAt, host, version, limits } = conditions;
  return `${startedAt.slice(0, 10)}, ${duration} of ${version} on ${host}, with ${limits}: ${done}. \`status\` took ${looks[looks.length >> 1]?.toFixed(0)} ms, at most ${looks.at(-1)?.toFixed(0)} ms.`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function textOf(value: number, { unit }: Series): string {
  return unit === "" ? value.toFixed(0) : `${value.toFixed(1)} ${unit}`;
}
