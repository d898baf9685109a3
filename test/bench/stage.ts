import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runDirectory } from "../support/run-directory.ts";
import { numberedLines } from "../support/stored-lines.ts";
import { selfSigned } from "../support/tls.ts";

/** What the works stand on: files in memory, and an S3 server that forgets what it is sent. */
export class Stage {
  /** On tmpfs, so that no disk is measured. */
  readonly directory = mkdtempSync("/dev/shm/logship-bench-");
  readonly #pem = selfSigned(["127.0.0.1"]);
  #servers: ForgetfulServer[] = [];

  /** For logship and the peers alike. */
  environment(endpoint: string): Record<string, string> {
    return {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "k",
      AWS_SECRET_ACCESS_KEY: "s",
      AWS_CA_BUNDLE: this.certificate,
      SSL_CERT_FILE: this.certificate,
    };
  }

  get certificate(): string {
    return this.#pem.certificate;
  }

  /** Starts a server in a process of its own. @returns its endpoint */
  async startServer(scheme: "http" | "https"): Promise<string> {
    const server = await startForgetfulServer(scheme === "https" ? this.#pem : undefined);
    this.#servers.push(server);
    return server.endpoint;
  }

  /** A directory of equal files of lines of 100 bytes. */
  files(count: number, bytes: number): string {
    const directory = join(this.directory, "files");
    mkdirSync(directory);
    const content = numberedLines(Math.min(bytes, 10_000_000) / 100, 100);
    for (let index = 0; index < count; index++)
      for (let written = 0; written < bytes; written += content.length)
        writeFileSync(join(directory, `f${index}`), content, { flag: "a" });
    return directory;
  }

  /** A file of so many megabytes of numbered lines. */
  lines(megabytes: number, lineBytes: number): string {
    const path = join(this.directory, "lines");
    const linesOfOne = 1_000_000 / lineBytes;
    for (let part = 0; part < megabytes; part++)
      writeFileSync(path, numberedLines(linesOfOne, lineBytes, part * linesOfOne), { flag: "a" });
    return path;
  }

  /** Makes the stage empty for another work. */
  clear(): void {
    for (const server of this.#servers) server.stop();
    this.#servers = [];
    for (const name of readdirSync(this.directory))
      rmSync(join(this.directory, name), { recursive: true, force: true });
  }

  remove(): void {
    this.clear();
    rmSync(this.directory, { recursive: true });
    rmSync(runDirectory, { recursive: true, force: true });
  }
}

export interface ForgetfulServer {
  readonly endpoint: string;
  stop(): void;
}

/** Starts an S3 server that counts and forgets what it is sent, in a process of its own. @param pem To speak TLS. */
export async function startForgetfulServer(
  pem?: Readonly<Record<"key" | "certificate", string>>,
): Promise<ForgetfulServer> {
  const files = pem ? [pem.key, pem.certificate] : [];
  const command = [process.execPath, join(import.meta.dir, "s3-server.ts"), ...files];
  const server = Bun.spawn(command, { stdout: "pipe" });
  const { value } = await server.stdout.getReader().read();
  const port = Buffer.from(value!).toString().trim();
  return { endpoint: `${pem ? "https" : "http"}://127.0.0.1:${port}`, stop: () => server.kill() };
}

/** How many objects and bytes the server was sent since it was asked last. */
export async function sentTo(endpoint: string): Promise<{ objects: number; bytes: number }> {
  const answer = await fetch(`${endpoint}/.counts`, { tls: { rejectUnauthorized: false } });
  return (await answer.json()) as { objects: number; bytes: number };
}
