/** Large files in parts. */
import { createHash } from "node:crypto";
import { readObject, unfinishedUploads } from "../../support/bucket.ts";
import { type Fault, firstRequests, lostAnswer, type Plan } from "../../support/faults.ts";
import { workplace } from "../../support/proxied-server.ts";
import type { RequestHead } from "../../support/request-framer.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { lastWords, type Stage } from "../stage.ts";

const LINE = `${"0123456789abcdef".repeat(64)}\n`;
const LARGE = Buffer.from(LINE.repeat(Math.ceil((66 * 1024 * 1024) / LINE.length)));
const REFUSED: Fault = { kind: "answer", status: 403, code: "AccessDenied" };
const NEVER_THERE: Fault = { kind: "reset", at: "head" };

export const parts: Scenario = {
  name: "parts",
  holds: "66 MiB in parts, read back the same",
  run: (stage) => uploadLarge(stage, () => undefined),
};

export const aborted: Scenario = {
  name: "parts removed",
  holds: "an upload in parts that fails leaves none of them behind",
  async run(stage) {
    await stage.makeBucket();
    const cwd = workplace({ "large.log": LARGE });
    const refuse: Plan = (request) => (isComplete(request) ? REFUSED : undefined);
    const args = ["--attempts", "1", "large.log"];
    const result = await stage.s3.logship("upload", stage.bucket, args, { cwd }, refuse);
    if (result.exitCode === 0) throw new No("`upload` ends with 0");
    const isAborted = ({ method, status = 0 }: { method: string; status: number | undefined }) =>
      method === "DELETE" && status < 300;
    if (!stage.s3.proxy.requests.some(isAborted)) throw new No(lastWords("upload", result));
    const left = await unfinishedUploads(stage.server, stage.bucket);
    if (left.length > 0) throw new No("the parts are listed still; they have to be removed by hand");
  },
};

export const completedTwice: Scenario = {
  name: "complete twice",
  holds: "the answer to CompleteMultipartUpload is lost, it is sent again, and the object is whole",
  run: (stage) => uploadLarge(stage, firstRequests(1, lostAnswer, isComplete)),
};

export const completedLate: Scenario = {
  name: "complete lost",
  holds: "CompleteMultipartUpload does not arrive, it is sent again, and the object is whole",
  run: (stage) => uploadLarge(stage, firstRequests(1, NEVER_THERE, isComplete)),
};

/** Each part has to be sent once, whatever becomes of the end. */
async function uploadLarge(stage: Stage, plan: Plan): Promise<void> {
  await stage.makeBucket();
  const cwd = workplace({ "large.log": LARGE });
  const result = await stage.s3.logship("upload", stage.bucket, ["large.log"], { cwd }, plan);
  if (result.exitCode !== 0) throw new No(lastWords("upload", result));
  const stored = await readObject(stage.server, stage.bucket, "large.log");
  if (sum(stored) !== sum(LARGE)) throw new No("what is stored is not what was sent");
  const sent = stage.s3.proxy.requests.filter(({ path }) => path.includes("partNumber="));
  const numbers = new Set(sent.map(({ path }) => /partNumber=(\d+)/.exec(path)?.[1]));
  if (sent.length === 0) throw new No("it was sent whole");
  if (sent.length > numbers.size) throw new No("the object is whole, but its parts were sent twice");
}

function isComplete({ method, path }: RequestHead): boolean {
  return method === "POST" && path.includes("uploadId=");
}

function sum(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
