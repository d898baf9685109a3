/** A small host as setup makes it: svscan, a service that simulates and one that ships, their loggers, and a log that grows. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type ForgetfulServer, sentTo, startForgetfulServer } from "../bench/stage.ts";
import { Svscan } from "../supervise/svscan.ts";
import { executable } from "../support/logship.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { until } from "../support/until.ts";
import { GrowingLog } from "./growing-log.ts";
import { type Limits, limitsOf } from "./limits.ts";
import { type ProcessSample, type Sample, sampleFiles, sampleProcess, type Work } from "./samples.ts";

const MEMORY_BYTES = 200e6;

/** What status says of a service. */
interface ServiceSeen {
  readonly service: string | null;
  readonly pid: number | null;
  readonly ships: readonly { readonly lag_bytes: number }[];
}

const ENVIRONMENT = {
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "k",
  AWS_SECRET_ACCESS_KEY: "s",
  AWS_EC2_METADATA_DISABLED: "true",
};

export class SmallHost {
  readonly limits: Limits = limitsOf(MEMORY_BYTES);
  /** What the samples are held against where the kernel holds nothing. */
  readonly mostMemoryBytes = this.limits.isMemoryHeld ? undefined : MEMORY_BYTES;
  readonly #directory = temporaryDirectory("soak");
  readonly #services = join(this.#directory, "service");
  readonly #state = join(this.#directory, "state");
  /** What is simulated and what is shipped go to servers of their own, so that each can be counted. */
  #simulated: ForgetfulServer | undefined;
  #shipped: ForgetfulServer | undefined;
  #shippedBytes = 0;
  #svscan: Svscan | undefined;
  #log: GrowingLog | undefined;
  /** As status said last, by the names of the services. */
  readonly #pids = new Map<string, number>();

  /** Starts all of it. @returns when all services are up */
  async start(): Promise<void> {
    mkdirSync(this.#services);
    this.#simulated = await startForgetfulServer();
    this.#shipped = await startForgetfulServer();
    this.#svscan = new Svscan(this.#services);
    this.#log = new GrowingLog(join(this.#directory, "access.log"));
    const logger = `exec ${executable} multilog t s16384 n5 ./main`;
    const settings = Object.entries(ENVIRONMENT).map(([name, value]) => `${name}=${value}`);
    const service = ({ endpoint }: ForgetfulServer, command: string) =>
      `exec 2>&1\nexec env ${settings.join(" ")} AWS_ENDPOINT_URL_S3=${endpoint} ${executable} ${command} --piece-bytes 256K`;
    this.#svscan.add("run", service(this.#simulated, "run --interval 10s --to s3://simulated"), logger);
    const ship = `ship --max-age 5s --state ${this.#state} --to s3://shipped ${this.#log.path}`;
    this.#svscan.add("ship", service(this.#shipped, ship), logger);
    this.#svscan.start(this.limits.under);
    await until("the start of all services", async () => {
      const { lagBytes } = await this.#look();
      return this.#pids.size === 4 && lagBytes !== undefined; // ship has found its log before it is rotated
    });
  }

  /** @param isWithStatus As a person would look, too. */
  async sample(seconds: number, isWithStatus: boolean): Promise<Sample> {
    const status = isWithStatus ? await this.#look() : undefined;
    const processes: Record<string, ProcessSample> = {};
    for (const [name, pid] of this.#pids) {
      const sample = sampleProcess(pid);
      if (sample) processes[name] = sample;
    }
    return { seconds, processes, ...sampleFiles(this.#directory), ...(status && { status }) };
  }

  rotate(): void {
    this.#log?.rotate();
  }

  /**
   * Writes no more, and waits until what was written is stored.
   *
   * @returns what was done meanwhile
   * @throws Error if other bytes than those were stored
   */
  async finish(): Promise<Work> {
    this.#log?.close();
    const writtenBytes = this.#log?.writtenBytes ?? 0;
    await until("the arrival of all that was written", async () => (await this.#stored()) >= writtenBytes);
    if (this.#shippedBytes !== writtenBytes)
      throw new Error(`ship stored ${this.#shippedBytes} bytes of ${writtenBytes}`);
    const { objects, bytes } = await sentTo(this.#simulated!.endpoint);
    return { shippedBytes: writtenBytes, simulatedBytes: bytes, simulatedObjects: objects };
  }

  /** Asks status, inside of the limits. */
  async #look(): Promise<NonNullable<Sample["status"]>> {
    const startedAt = performance.now();
    const command = [executable, "status", "--json", "--services", this.#services, "--state", this.#state];
    const child = Bun.spawn([...this.limits.under, ...command], { stdout: "pipe", stderr: "inherit" });
    const services: ServiceSeen[] = JSON.parse(await new Response(child.stdout).text());
    const tookMs = performance.now() - startedAt;
    for (const { service, pid } of services)
      if (service !== null && pid !== null) this.#pids.set(service.slice(this.#services.length + 1), pid);
    const [shipped] = services.flatMap(({ ships }) => ships);
    return { tookMs, ...(shipped && { lagBytes: shipped.lag_bytes }) };
  }

  /** The server begins anew each time it is asked. */
  async #stored(): Promise<number> {
    this.#shippedBytes += (await sentTo(this.#shipped!.endpoint)).bytes;
    return this.#shippedBytes;
  }

  /** Ends what was started. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#log?.close();
    await this.#svscan?.[Symbol.asyncDispose]();
    this.#simulated?.stop();
    this.#shipped?.stop();
    await this.limits.remove();
  }
}
