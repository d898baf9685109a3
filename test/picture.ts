/** `npm run picture`: plays commands and draws the terminal they were typed in, docs/terminal.svg. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runDirectory } from "./support/run-directory.ts";
import { ShellStage } from "./support/shell-stage.ts";

const COLUMNS = 104;
const CHARACTER_WIDTH = 7.8;
const LINE_HEIGHT = 18;
const MARGIN = 18;
const TITLE_HEIGHT = 34;

const TRAFFIC = "--seed 7 --start 2017-01-12T14:36:56Z";

/** The commands of the picture. */
export const SCENES: readonly string[] = [
  "logship run --once --records 10000 --to s3://203.0.113.7-logs | logship multilog t ./main",
  "logship verify s3://203.0.113.7-logs",
  "logship ship /var/log/nginx/access.log --once --to s3://203.0.113.7-logs",
  "logship tail -n 1 ./main",
];

/** Plays them on a stage. @returns the terminal as SVG */
export async function picture(stage: ShellStage): Promise<string> {
  await stage.play(
    `logship generate --format combined ${TRAFFIC} --records 2000 > /var/log/nginx/access.log`,
  );
  const rows: string[] = [];
  for (const scene of SCENES) {
    rows.push(...rowsOf(`$ ${scene}`).map((row) => spanOf("command", row)));
    const printed = (await stage.play(scene)).trimEnd();
    if (printed !== "")
      rows.push(
        ...printed
          .split("\n")
          .flatMap(rowsOf)
          .map((row) => spanOf("output", row)),
      );
    rows.push("");
  }
  return drawn(rows.slice(0, -1));
}

/** A line is wrapped where the terminal ends. */
function rowsOf(line: string): string[] {
  return line.match(new RegExp(`.{1,${COLUMNS}}`, "gu")) ?? [""];
}

function spanOf(kind: string, row: string): string {
  const text = row.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  // Every character as wide as the others, whatever font there is.
  return `class="${kind}" textLength="${(row.length * CHARACTER_WIDTH).toFixed(1)}">${text}`;
}

function drawn(rows: readonly string[]): string {
  const width = Math.ceil(COLUMNS * CHARACTER_WIDTH + 2 * MARGIN);
  const height = TITLE_HEIGHT + rows.length * LINE_HEIGHT + MARGIN;
  const lights = ["#ff5f57", "#febc2e", "#28c840"].map(
    (colour, index) => `<circle cx="${MARGIN + 4 + index * 20}" cy="18" r="6" fill="${colour}"/>`,
  );
  const lines = rows.map((row, index) =>
    row === "" ? "" : `<text x="${MARGIN}" y="${TITLE_HEIGHT + (index + 1) * LINE_HEIGHT - 4}" ${row}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>logship in a terminal</title>
<style>
text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; white-space: pre; }
.command { fill: #ffffff; font-weight: bold; }
.output { fill: #b8c4d0; }
</style>
<rect width="100%" height="100%" rx="8" fill="#16202c"/>
${lights.join("\n")}
${lines.filter((line) => line !== "").join("\n")}
</svg>
`;
}

if (import.meta.main) {
  try {
    await using stage = await ShellStage.open();
    writeFileSync(join(import.meta.dir, "../docs/terminal.svg"), await picture(stage));
  } finally {
    rmSync(runDirectory, { recursive: true, force: true });
  }
}
