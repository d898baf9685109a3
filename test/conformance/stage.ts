import { openClient, type RegionalClient } from "../../src/destination/s3-client.ts";
import { createBucket } from "../support/bucket.ts";
import { type Result, run } from "../support/logship.ts";
import type { ProxiedServer } from "../support/proxied-server.ts";
import { environmentOf } from "../support/s3-server.ts";
import { No } from "./outcome.ts";
import type { RunningServer } from "./server.ts";

/** A running server behind the proxy that records, and the bucket of one scenario. */
export class Stage {
  readonly server: RunningServer;
  readonly s3: ProxiedServer;
  /** Another one for each scenario, and the same one in each run; it is not there yet. */
  readonly bucket: string;
  /** Stops the server. @returns what starts it again, at the same address, with what it has kept */
  readonly stopServer: () => Promise<() => Promise<void>>;

  constructor(server: RunningServer, s3: ProxiedServer, bucket: string, stopServer: Stage["stopServer"]) {
    this.server = server;
    this.s3 = s3;
    this.bucket = bucket;
    this.stopServer = stopServer;
  }

  /** Makes the bucket with another program's request. */
  async makeBucket(bucket = this.bucket): Promise<void> {
    await createBucket(this.server, bucket);
  }

  /** Runs a command on the bucket that has to end well. @throws No with what it said */
  async succeed(command: string, args: readonly string[], env: Record<string, string> = {}): Promise<Result> {
    const result = await this.s3.logship(command, this.bucket, args, { env });
    if (result.exitCode !== 0) throw new No(lastWords(command, result));
    return result;
  }

  /** Has what is stored proven. @throws No with what is not as it should be */
  async verify(args: readonly string[], prefix = ""): Promise<Result> {
    const env = environmentOf(this.server, this.s3.proxy.endpoint);
    const result = await run(["verify", `s3://${this.bucket}/${prefix}`, ...args], { env });
    if (result.exitCode !== 0) throw new No(lastWords("verify", result));
    return result;
  }

  /** logship's own requests for the bucket, without a command around them. */
  async client(): Promise<RegionalClient> {
    const environment = environmentOf(this.server, this.s3.proxy.endpoint);
    const {
      AWS_ENDPOINT_URL_S3: endpoint = "",
      AWS_ACCESS_KEY_ID = "",
      AWS_SECRET_ACCESS_KEY = "",
    } = environment;
    process.env.AWS_ENDPOINT_URL_S3 = endpoint; // where the SDK looks for it
    this.s3.proxy.setPlan(() => undefined);
    const credentials = { accessKeyId: AWS_ACCESS_KEY_ID, secretAccessKey: AWS_SECRET_ACCESS_KEY };
    const settings = { timeoutMs: 30_000, connectTimeoutMs: 10_000, environment, credentials };
    return await openClient(settings, this.bucket, this.server.region);
  }
}

/** How logship ended, in its own words, without what is another one each time. */
export function lastWords(command: string, { stdout, stderr, exitCode }: Result): string {
  const lines = `${stdout}\n${stderr}`.trim().split("\n");
  const line = lines.findLast((each) => /fatal|failed|warning|incomplete|missing/.test(each)) ?? lines.at(-1);
  return `\`${command}\` ends with ${exitCode}: ${withoutChance(line ?? "")}`;
}

/** Text without addresses, paths and times that are other ones in each run. */
export function withoutChance(text: string): string {
  return text
    .replace(/http:\/\/127\.0\.0\.1:\d+/g, "the server")
    .replace(/\/tmp\/[^\s:'"]*\//g, "…/")
    .replace(/unable to upload .* to s3:/g, "unable to upload … to s3:")
    .replace(/(.)\1{20,}/g, "$1…")
    .replace(/\d{4}-\d\d-\d\d[T-]\d\d:\d\d:\d\dZ?/g, "…");
}
