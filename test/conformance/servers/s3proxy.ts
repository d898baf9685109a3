import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answers, installJar, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

const KEYS = { accessKeyId: "S3PROXYKEY", secretAccessKey: "s3proxy-secret" };

/** S3 in front of another store; here a directory, by its backend filesystem-nio2. */
export const s3proxy: ServerRecipe = {
  name: "S3Proxy",
  version: "2.6.0",
  source: "Maven Central",
  tools: ["java", "mvn"],
  install: (directory) => installJar(directory, "org.gaul:s3proxy:2.6.0:jar:jar-with-dependencies"),
  async start(program, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    const basedir = join(data, "files");
    mkdirSync(basedir, { recursive: true });
    const settings = {
      "s3proxy.endpoint": endpoint,
      "s3proxy.authorization": "aws-v2-or-v4",
      "s3proxy.identity": KEYS.accessKeyId,
      "s3proxy.credential": KEYS.secretAccessKey,
      "jclouds.provider": "filesystem-nio2",
      "jclouds.identity": "x",
      "jclouds.credential": "x",
      "jclouds.filesystem.basedir": basedir,
    };
    const properties = join(data, "s3proxy.conf");
    writeFileSync(
      properties,
      Object.entries(settings)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(""),
    );
    const stop = await startProgram({
      command: [
        ...["java", "-Xmx512m", "-jar", join(program, "s3proxy-jar-with-dependencies.jar")],
        ...["--properties", properties],
      ],
      log: join(data, "log"),
      isReady: () => answers(endpoint),
    });
    return { endpoint, region: "us-east-1", ...KEYS, stop };
  },
};
