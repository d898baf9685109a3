import { join } from "node:path";
import { temporaryDirectory } from "./run-directory.ts";
import type { S3Server } from "./s3-server.ts";

const program = join(import.meta.dir, "../../node_modules/s3rver/bin/s3rver.js");

export interface S3rver extends S3Server {
  stop(): Promise<void>;
}

/** Starts an empty s3rver in a node process of its own, on a free port. It forgets everything when stopped. */
export async function startS3rver(
  directory = temporaryDirectory("s3rver"),
  tls?: { key: string; certificate: string },
): Promise<S3rver> {
  const tlsOptions = tls ? ["--key", tls.key, "--cert", tls.certificate] : [];
  const server = Bun.spawn(
    ["node", program, "-d", directory, "-a", "127.0.0.1", "-p", "0", "--silent", ...tlsOptions],
    { stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  const port = await listeningPort(server.stdout);
  return {
    endpoint: `${tls ? "https" : "http"}://127.0.0.1:${port}`,
    region: "us-east-1",
    accessKeyId: "S3RVER",
    secretAccessKey: "S3RVER",
    async stop() {
      server.kill();
      await server.exited;
    },
  };
}

async function listeningPort(output: ReadableStream<Uint8Array>): Promise<string> {
  const reader = output.getReader();
  let text = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`s3rver ended before it listened: ${text}`);
    text += new TextDecoder().decode(value);
    const port = /:(\d+)\s/.exec(text)?.[1];
    if (port) return port;
  }
}
