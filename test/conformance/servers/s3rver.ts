import { join } from "node:path";
import { answers, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

const program = join(import.meta.dir, "../../../node_modules/s3rver/bin/s3rver.js");

/** What the tests run beside; it is among logship's packages for development. */
export const s3rver: ServerRecipe = {
  name: "s3rver",
  version: "3.7.1",
  source: "npm",
  tools: ["node"],
  async start(_, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    const stop = await startProgram({
      command: [
        "node",
        program,
        "-d",
        join(data, "files"),
        "-a",
        "127.0.0.1",
        "-p",
        String(port),
        "--silent",
      ],
      log: join(data, "log"),
      isReady: () => answers(endpoint),
    });
    return { endpoint, region: "us-east-1", accessKeyId: "S3RVER", secretAccessKey: "S3RVER", stop };
  },
};
