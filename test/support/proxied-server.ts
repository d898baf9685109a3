import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type FaultProxy, type SeenRequest, startFaultProxy } from "./fault-proxy.ts";
import type { Plan } from "./faults.ts";
import { type Process, type Result, run, type Settings, start } from "./logship.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { environmentOf, type S3Server } from "./s3-server.ts";
import { startS3rver } from "./s3rver.ts";

/** An S3 server behind a fault proxy, and logship run against the two. */
export interface ProxiedServer {
  readonly server: S3Server;
  readonly proxy: FaultProxy;
  /** Runs `logship <command> --to s3://<bucket> <args>` to its end, with the faults of a plan. */
  logship(
    command: string,
    bucket: string,
    args: readonly string[],
    settings?: Settings,
    plan?: Plan,
  ): Promise<Result>;
  start(command: string, bucket: string, args: readonly string[], settings?: Settings, plan?: Plan): Process;
  /** Requests for a bucket, or for one of its keys. */
  requestsFor(bucket: string, key?: string): SeenRequest[];
  stop(): Promise<void>;
}

/** Puts a proxy before a server, by default before an s3rver that is stopped with it. */
export async function startProxiedServer(given?: S3Server): Promise<ProxiedServer> {
  const ours = given === undefined ? await startS3rver() : undefined;
  const server = given ?? ours!;
  const proxy = startFaultProxy(server.endpoint);
  const complete = (settings: Settings = {}): Settings => {
    return { ...settings, env: { ...environmentOf(server, proxy.endpoint), ...settings.env } };
  };
  return {
    server,
    proxy,
    logship(command, bucket, args, settings, plan = () => undefined) {
      proxy.setPlan(plan);
      return run([command, "--to", `s3://${bucket}`, ...args], complete(settings));
    },
    start(command, bucket, args, settings, plan = () => undefined) {
      proxy.setPlan(plan);
      return start([command, "--to", `s3://${bucket}`, ...args], complete(settings));
    },
    requestsFor(bucket, key) {
      const path = key === undefined ? `/${bucket}` : `/${bucket}/${key}`;
      return proxy.requests.filter((request) => {
        const [requestPath = ""] = request.path.split("?");
        return requestPath === path || (key === undefined && requestPath.startsWith(`${path}/`));
      });
    },
    async stop() {
      proxy.stop();
      await ours?.stop();
    },
  };
}

/** A new directory with these files in it, by their paths. */
export function workplace(files: Record<string, string | Uint8Array>): string {
  const directory = temporaryDirectory("work");
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(directory, name, ".."), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return directory;
}
