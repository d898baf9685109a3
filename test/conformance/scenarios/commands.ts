/** Whole commands: run and verify, a server that goes away, ship that is killed, doctor. */
import { existsSync, readdirSync } from "node:fs";
import { listObjects } from "../../support/bucket.ts";
import { runLoop, storedNumbers } from "../../support/kill-loop.ts";
import { EmptiedLog, RenamedLog } from "../../support/log-writers.ts";
import { run } from "../../support/logship.ts";
import { seededRandom } from "../../support/random.ts";
import { temporaryDirectory } from "../../support/run-directory.ts";
import { environmentOf } from "../../support/s3-server.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { lastWords } from "../stage.ts";
import { onTheWire, tellingRequest } from "../wire.ts";

const SEEDED = ["--seed", "7", "--start", "2017-01-12T14:36:56Z", "--records"];
const KILLED_SECONDS = 20;

export const verified: Scenario = {
  name: "run, verify",
  holds: "a batch of `run` is stored, and proven whole byte by byte",
  async run(stage) {
    const records = [...SEEDED, "20000"];
    const args = ["--once", "--attempts", "3", "--piece-bytes", "500k", ...records];
    try {
      await stage.succeed("run", args);
    } catch (error) {
      if (!(error instanceof No)) throw error;
      const marked = tellingRequest(stage.s3.proxy.requests);
      await stage.succeed("run", [...args, "--no-folder-marker"]);
      const listed = await listObjects(stage.server, stage.bucket);
      const isFile = listed.some(({ key, size }) => size === 0 && /^access\.[^/]*$/.test(key));
      const what = isFile
        ? "; it lists the folder marker without its slash, as a file that nothing can stand below"
        : "";
      const means = `${error.message}${what}; with \`--no-folder-marker\` the batch is stored`;
      throw new No(means, marked && onTheWire(marked));
    }
    await stage.verify(records);
  },
};

export const restarted: Scenario = {
  name: "server restarted",
  holds: "the server is stopped and started in the middle of `run`, and the batch is proven whole",
  isLong: true,
  async run(stage) {
    const records = [...SEEDED, "100000"];
    await stage.makeBucket();
    const args = ["--once", "--no-folder-marker", "--piece-bytes", "200k", "--concurrency", "2", ...records];
    const logship = stage.s3.start("run", stage.bucket, args);
    const stored = () =>
      stage.s3.proxy.requests.filter(({ path, status = 0 }) => /\.log\./.test(path) && status === 200);
    await logship.until("the first pieces", () => stored().length >= 5);
    const start = await stage.stopServer();
    const before = stage.s3.proxy.requests.length;
    await logship.until("a try in vain", () => stage.s3.proxy.requests.length > before + 2);
    await start();
    const result = await logship.result;
    if (result.exitCode !== 0) throw new No(lastWords("run", result));
    try {
      await stage.verify(records);
    } catch (error) {
      const listed = new Set((await listObjects(stage.server, stage.bucket)).map(({ key }) => key));
      const keyOf = (path: string) => decodeURIComponent(path.split("/").slice(2).join("/"));
      const isGone = stored().some(({ path, method }) => method === "PUT" && !listed.has(keyOf(path)));
      const seen = isGone
        ? "PUT of the first pieces: 200; after the restart some of them are not listed"
        : "PUT of the first pieces: 200; after the restart all of them are listed";
      const words = (error as Error).message.replace(/\d+ (objects|records|bytes|findings?)/g, "… $1");
      throw new No(`it says so afterwards: ${words}`, seen);
    }
  },
};

export const killed: Scenario = {
  name: "ship killed",
  holds: `\`ship\` is killed again and again for ${KILLED_SECONDS} s while two logs are written and rotated: each line is stored once, in order, and \`verify\` proves it`,
  isLong: true,
  async run(stage) {
    const { server, s3, bucket } = stage;
    const directory = temporaryDirectory("killed");
    const state = `${directory}/state`;
    const writers = [
      new RenamedLog(`${directory}/r`, "access.log"),
      new EmptiedLog(`${directory}/e`, "access.log"),
    ];
    const sources = writers.map(({ source }) => source);
    const options = ["--state", state, "--host", "h", "--piece-bytes", "100k", "--max-age", "300ms"];
    const random = seededRandom("conformance");
    await runLoop(writers, {
      seconds: KILLED_SECONDS,
      linesPerSecond: 5000,
      random,
      isBegun: () =>
        existsSync(state) && readdirSync(state).filter((name) => name.endsWith(".json")).length === 2,
      start: () => s3.start("ship", bucket, [...options, ...sources]),
    });
    await stage.succeed("ship", [...options, "--once", ...sources]);
    for (const { source, count } of writers) {
      const numbers = await storedNumbers(server, bucket, source);
      if (numbers.length !== count || numbers.some((number, index) => number !== index))
        throw new No("lines are missing or there twice");
    }
    await stage.verify([]);
  },
};

export const doctor: Scenario = {
  name: "doctor",
  holds: "nothing that `doctor` asks of the destination fails",
  async run(stage) {
    await stage.makeBucket();
    const env = environmentOf(stage.server, stage.s3.proxy.endpoint);
    const result = await run(["doctor", "--to", `s3://${stage.bucket}`, "--json"], { env });
    const failed = result.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { level?: string; state?: string; text?: string; check?: string })
      .filter((finding) => JSON.stringify(finding).includes('"failed"'))
      .filter(({ check = "" }) => /bucket|credentials|region|endpoint|upload|clock|destination/.test(check));
    if (failed.length > 0) throw new No(`\`doctor\`: ${failed.map(({ text }) => text).join("; ")}`);
  },
};
