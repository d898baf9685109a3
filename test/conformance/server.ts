import type { S3Server } from "../support/s3-server.ts";

/** Keys of an account. */
export type Keys = Pick<S3Server, "accessKeyId" | "secretAccessKey">;

/** A server that answers. */
export interface RunningServer extends S3Server {
  /** Another account, where the server has accounts. */
  readonly stranger?: Keys;
  /** Stops what answers; it can be started again with what it has kept. */
  stop(): Promise<void>;
  /** Ends what `stop` leaves running, where that is something. */
  readonly end?: () => Promise<void>;
}

/** One S3 server that logship is run beside: how it is had, started, and asked whether it is ready. */
export interface ServerRecipe {
  /** As its makers call it. */
  readonly name: string;
  /** What is installed; the page names it. */
  readonly version: string;
  /** Where it comes from, for the page. */
  readonly source: string;
  /** Programs without which it cannot be installed or started. */
  readonly tools: readonly string[];
  /** Installs it into an empty directory of the cache; left out where the tests have it already. */
  install?(directory: string): Promise<void>;
  /**
   * Starts it on loopback, and returns when it answers.
   *
   * @param program Where it was installed.
   * @param data Where it keeps what it is given; the same directory and port after a restart.
   */
  start(program: string, data: string, port: number): Promise<RunningServer>;
}
