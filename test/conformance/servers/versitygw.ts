import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answers, installGo, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

const KEYS = { accessKeyId: "VERSITYKEY", secretAccessKey: "versity-secret" };

/** S3 in front of a directory whose file system keeps extended attributes. */
export const versitygw: ServerRecipe = {
  name: "versitygw",
  version: "1.8.0",
  source: "Go module",
  tools: ["go"],
  install: (directory) => installGo(directory, "github.com/versity/versitygw/cmd/versitygw@v1.8.0"),
  async start(program, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    const files = join(data, "files");
    mkdirSync(files, { recursive: true });
    const keys = ["--access", KEYS.accessKeyId, "--secret", KEYS.secretAccessKey];
    const stop = await startProgram({
      command: [join(program, "versitygw"), ...keys, "--port", `127.0.0.1:${port}`, "posix", files],
      log: join(data, "log"),
      isReady: () => answers(endpoint),
    });
    return { endpoint, region: "us-east-1", ...KEYS, stop };
  },
};
