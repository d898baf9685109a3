/** The commands in README and docs/ that are shown with what they print, played and compared. */
import { describe, expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { picture, SCENES } from "../picture.ts";
import { Svscan } from "../supervise/svscan.ts";
import { clientOf, createBucket, listPieces } from "../support/bucket.ts";
import { codeBlocks, type ShownCommand, shownCommands } from "../support/documents.ts";
import { needs } from "../support/needs.ts";
import { fits, normalForm } from "../support/normal-form.ts";
import { ShellStage } from "../support/shell-stage.ts";
import { until } from "../support/until.ts";

const BUCKET = "203.0.113.7-logs";

/** What has to be there before the commands of a section are played. */
const BEFORE: Record<string, (stage: ShellStage) => Promise<AsyncDisposable | undefined>> = {
  "logship upload": async (stage) => {
    mkdirSync(stage.at("/home/access.T"));
    for (const end of ["aa", "ab"])
      writeFileSync(stage.at(`/home/access.T/access.T.log.${end}`), "a record\n");
    return undefined;
  },
  "logship ship": async (stage) => {
    await createBucket(stage.server, BUCKET);
    await stage.play("logship generate --records 300 > /var/log/nginx/access.log");
    return undefined;
  },
  "logship verify": async (stage) => {
    await stage.play(`logship run --batches 2 --interval 1s --records 30000 --to s3://${BUCKET}`);
    const keys = await listPieces(stage.server, BUCKET);
    const Key = keys.findLast((key) => key.endsWith(".ab"))!;
    await clientOf(stage.server).send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
    return undefined;
  },
  "logship tail": async (stage) => {
    const line = `upload: access.2017-01-12-14:36:56/x to s3://${BUCKET}/x`;
    await stage.play("mkdir -p /service/requisitions/log");
    await stage.play(`printf '${line}\\n${line}\\n' | logship multilog t /service/requisitions/log/main`);
    return undefined;
  },
  "logship status": async (stage) => {
    const svscan = new Svscan(stage.at("/service"));
    const variables = Object.entries(stage.environment).map(([name, value]) => `export ${name}='${value}'\n`);
    const program = stage.at("/usr/local/bin/logship");
    // The bucket comes from the environment, as in a service that setup has made.
    const run = `exec 2>&1\nexport LOGSHIP_TO=s3://${BUCKET} LOGSHIP_RECORDS=10\n${variables.join("")}`;
    svscan.add("requisitions", `${run}exec ${program} run`, `exec ${program} multilog t ./main`);
    svscan.start();
    await stage.play("logship start requisitions");
    const current = stage.at("/service/requisitions/log/main/current");
    await until("a batch is stored", () => readFileSync(current, "utf8").includes("upload: "));
    return svscan;
  },
};

const blocks = codeBlocks("console").map(
  ({ path, section, text }) => [path, section, shownCommands(text)] as const,
);
const isPlayable = ([, section]: readonly [string, string, unknown]) =>
  section !== "logship status" || needs("svscan", "supervise", "svc");

test.each(blocks.filter(isPlayable))(
  "%s, %s: the commands print what stands below them",
  async (_path, section, shown) => {
    await using stage = await ShellStage.open();
    await using _before = await BEFORE[section]?.(stage);
    for (const { command, output } of shown) {
      const printed = (await stage.play(command)).trimEnd();
      expectToFit(output, printed === "" ? [] : printed.split("\n"), command);
    }
  },
);

/** Word for word where a seed makes it so. */
function expectToFit(output: ShownCommand["output"], printed: readonly string[], command: string): void {
  if (command.includes("--seed")) expect(printed).toEqual([...output]);
  const differing = printed.filter((line, index) => !fits(output[index] ?? "", line));
  if (differing.length > 0 || printed.length !== output.length) expect(printed).toEqual([...output]);
}

describe("the picture in README", () => {
  test("shows what its commands print (npm run picture)", async () => {
    await using stage = await ShellStage.open();
    const drawn = readFileSync(join(import.meta.dir, "../../docs/terminal.svg"), "utf8");
    const lines = (svg: string) => svg.split("\n").map(normalForm);
    expect(lines(drawn)).toEqual(lines(await picture(stage)));
  });

  test("shows the main commands", () => {
    const text = SCENES.join("\n");
    for (const command of ["run", "verify", "ship", "tail"]) expect(text).toContain(`logship ${command} `);
  });
});
