/** logship ship killed with -9 again and again, while logs are rotated and the server misbehaves: every line is there once. */
import { afterAll, beforeAll, test } from "bun:test";
import {
  CompressedLog,
  EmptiedLog,
  MultilogLog,
  type NumberedWriter,
  RenamedLog,
} from "../support/log-writers.ts";
import { type ProxiedServer, startProxiedServer } from "../support/proxied-server.ts";
import { shipKilled } from "../support/ship-loop.ts";

let s3: ProxiedServer;
beforeAll(async () => {
  s3 = await startProxiedServer();
});
afterAll(() => s3.stop());

const writersIn = (directory: string): NumberedWriter[] => [
  new RenamedLog(`${directory}/renamed`, "access.log"),
  new EmptiedLog(`${directory}/emptied`, "access.log"),
  new MultilogLog(`${directory}/multilog`, 200_000),
  new CompressedLog(`${directory}/compressed`, "access.log"),
];

test(
  "each line is stored once and in order, however often ship is killed",
  () => shipKilled(s3, "ship killed", writersIn),
  900_000,
);

test(
  "each line is stored once and in order with --gzip as well",
  () => shipKilled(s3, "ship --gzip killed", writersIn, ["--gzip"]),
  900_000,
);
