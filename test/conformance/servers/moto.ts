import { join } from "node:path";
import { answers, installPython, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

/** A stand-in of AWS for tests: what it has is in memory. */
export const moto: ServerRecipe = {
  name: "moto",
  version: "5.2.5",
  source: "PyPI",
  tools: ["python3"],
  install: (directory) => installPython(directory, "moto[server,s3]==5.2.5"),
  async start(program, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    const command = [join(program, "bin/moto_server"), "-H", "127.0.0.1", "-p", String(port)];
    const stop = await startProgram({
      command,
      log: join(data, "log"),
      isReady: () => answers(`${endpoint}/moto-api/`),
    });
    return { endpoint, region: "us-east-1", accessKeyId: "MOTOKEY", secretAccessKey: "moto-secret", stop };
  },
};
