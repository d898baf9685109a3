import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../support/port.ts";
import { answers, installJar, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

/** Adobe's stand-in of S3 for tests, which keeps its files where it is told to. */
export const s3mock: ServerRecipe = {
  name: "S3Mock",
  version: "4.6.0",
  source: "Maven Central",
  tools: ["java", "mvn"],
  install: (directory) => installJar(directory, "com.adobe.testing:s3mock:4.6.0:jar:exec"),
  async start(program, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    const root = join(data, "files");
    mkdirSync(root, { recursive: true });
    const settings = {
      "server.address": "127.0.0.1",
      "server.port": String(await freePort()),
      "com.adobe.testing.s3mock.httpPort": String(port),
      "com.adobe.testing.s3mock.store.root": root,
      "com.adobe.testing.s3mock.store.retainFilesOnExit": "true",
    };
    const options = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
    const stop = await startProgram({
      command: ["java", "-Xmx512m", "-jar", join(program, "s3mock-exec.jar"), ...options],
      log: join(data, "log"),
      isReady: () => answers(endpoint),
    });
    return {
      endpoint,
      region: "us-east-1",
      accessKeyId: "S3MOCKKEY",
      secretAccessKey: "s3mock-secret",
      stop,
    };
  },
};
