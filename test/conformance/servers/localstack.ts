import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { answers, installPython, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

/** A stand-in of AWS for tests; only its S3 is started, without a container. What it has is in memory. */
export const localstack: ServerRecipe = {
  name: "LocalStack",
  version: "2026.3.0",
  source: "PyPI, localstack-core",
  tools: ["python3"],
  install: (directory) => installPython(directory, "localstack-core[runtime]==2026.3.0"),
  async start(program, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    const home = join(data, "files");
    mkdirSync(home, { recursive: true });
    const stop = await startProgram({
      command: [join(program, "bin/python3"), "-m", "localstack.runtime.main"],
      env: {
        GATEWAY_LISTEN: `127.0.0.1:${port}`,
        SERVICES: "s3",
        STRICT_SERVICE_LOADING: "1",
        DISABLE_EVENTS: "1",
        SKIP_SSL_CERT_DOWNLOAD: "1",
        DNS_ADDRESS: "0",
        FILESYSTEM_ROOT: home,
      },
      log: join(data, "log"),
      isReady: () => answers(`${endpoint}/_localstack/health`),
    });
    return { endpoint, region: "us-east-1", accessKeyId: "test", secretAccessKey: "test", stop };
  },
};
