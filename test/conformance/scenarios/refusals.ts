/** What is wrong with keys, region and clock. */
import { BytesPut } from "../../../src/destination/bytes-put.ts";
import { serviceError } from "../../../src/destination/service-error.ts";
import { workplace } from "../../support/proxied-server.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { lastWords, type Stage } from "../stage.ts";

const LOG = { "a.log": "one\ntwo\n" };
const TWENTY_MINUTES_MS = 20 * 60_000;

export const wrongKey: Scenario = {
  name: "wrong key",
  holds: "an access key that is not known ends `upload` at once, and it says that there is no such key",
  run: (stage) => expectWords(stage, { AWS_ACCESS_KEY_ID: "NOSUCHKEY" }, "there is no such access key"),
};

export const wrongSecret: Scenario = {
  name: "wrong secret",
  holds: "a wrong secret ends it at once, and it says so",
  run: (stage) => expectWords(stage, { AWS_SECRET_ACCESS_KEY: "wrong" }, "the secret access key is wrong"),
};

export const wrongRegion: Scenario = {
  name: "wrong region",
  holds: "with another region than the bucket's, the upload finds its way",
  async run(stage) {
    await stage.makeBucket();
    const env = { AWS_REGION: "ap-southeast-2" };
    const result = await stage.s3.logship("upload", stage.bucket, ["--attempts", "2", "a.log"], {
      cwd: workplace(LOG),
      env,
    });
    if (result.exitCode !== 0) throw new No(lastWords("upload", result));
  },
};

export const wrongClock: Scenario = {
  name: "clock 20 min off",
  holds:
    "a signature from 20 min ago is refused, the clock is corrected by the answer, and the next try is stored; or it is not looked at",
  async run(stage) {
    await stage.makeBucket();
    const { client, requests, bytesPut } = await stage.client();
    const put = () =>
      new BytesPut(requests, bytesPut.check).put(
        "a.log",
        new TextEncoder().encode("x"),
        {},
        AbortSignal.timeout(60_000),
      );
    client.config.systemClockOffset = -TWENTY_MINUTES_MS;
    try {
      await put();
    } catch (error) {
      if (serviceError(error)?.isClockCorrected !== true)
        throw new No("logship cannot tell that it is the clock: the upload ends with 111");
      await put();
    }
  },
};

async function expectWords(stage: Stage, env: Record<string, string>, words: string): Promise<void> {
  await stage.makeBucket();
  const cwd = workplace(LOG);
  const result = await stage.s3.logship("upload", stage.bucket, ["--attempts", "3", "a.log"], { cwd, env });
  if (result.exitCode === 0) throw new No("it is not looked at, and the upload succeeds");
  if (!result.stderr.includes(words)) throw new No(lastWords("upload", result));
  const puts = stage.s3.proxy.requests.filter(({ method }) => method === "PUT");
  if (puts.length > 1) throw new No("it is tried again as if it passed");
}
