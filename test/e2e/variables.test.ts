/** Variables that would set an option if they were not misspelt. */
import { expect, test } from "bun:test";
import { run } from "../support/logship.ts";

const GENERATE = ["generate", "--records", "1", "--seed", "7", "--start", "0"];

async function warningsOf(args: string[], env: Record<string, string>): Promise<string[]> {
  const { stdout, stderr, exitCode } = await run(args, { env });
  expect(exitCode).toBe(0);
  expect(stdout).toBe((await run(args)).stdout);
  return stderr.split("\n").filter(Boolean);
}

test.each([
  ["LOGSHIP_FORMATT", " (Did you mean LOGSHIP_FORMAT?)"],
  ["LOGSHIP_PEICE_BYTES", " (Did you mean LOGSHIP_PIECE_BYTES?)"],
  ["LOGSHIP_INTERVALL", " (Did you mean LOGSHIP_INTERVAL?)"],
  ["LOGSHIP_NO_FOLDER_MARKER", " (Did you mean LOGSHIP_FOLDER_MARKER?)"],
  ["LOGSHIP_SOMETHING_ELSE_ALTOGETHER", ""],
  ["LOGSHIP_", ""],
])("the variable %s is told of", async (name, meant) => {
  const warning = `logship: warning: unable to use variable ${name}: it sets no option${meant}`;
  expect(await warningsOf(GENERATE, { [name]: "5" })).toEqual([warning]);
});

test("a variable of another command, an empty one, and those that others set are passed over", async () => {
  const env = {
    ...{ LOGSHIP_TO: "s3://my-logs", LOGSHIP_HOLD_MAX: "1G", LOGSHIP_UTC: "yes", LOGSHIP_FORMATT: "" },
    ...{ LOGSHIP_SETUP_NAME: "x", LOGSHIP_TEST_SEED: "1" },
    // Kubernetes, for a service that is called logship.
    ...{
      LOGSHIP_SERVICE_HOST: "10.0.0.1",
      LOGSHIP_SERVICE_PORT_HTTP: "80",
      LOGSHIP_PORT: "tcp://10.0.0.1:80",
    },
    ...{ LOGSHIP_PORT_80_TCP_ADDR: "10.0.0.1" },
  };
  expect(await warningsOf(GENERATE, env)).toEqual([]);
});

test("a misspelt variable is told of before what fails because of it", async () => {
  const result = await run(["upload", "x"], { env: { LOGSHIP_T: "s3://my-logs" } });
  expect(result.stderr).toStartWith("logship: warning: unable to use variable LOGSHIP_T: it sets no option");
  expect(result.exitCode).toBe(100);
});
