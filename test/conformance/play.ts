import type { S3ServiceException } from "@aws-sdk/client-s3";
import { startProxiedServer } from "../support/proxied-server.ts";
import { No, NothingToTry, type Outcome } from "./outcome.ts";
import type { Scenario } from "./scenario.ts";
import type { RunningServer } from "./server.ts";
import { Stage, withoutChance } from "./stage.ts";
import { onTheWire, tellingRequest } from "./wire.ts";

/** Plays a scenario and tells what became of it. */
export async function play(
  scenario: Scenario,
  server: RunningServer,
  stopServer: Stage["stopServer"],
): Promise<Outcome> {
  const s3 = await startProxiedServer(server);
  const bucket = `conform-${scenario.name.toLowerCase().replace(/[^a-z0-9]+/g, "")}`;
  try {
    await scenario.run(new Stage(server, s3, bucket, stopServer));
    return { verdict: "yes" };
  } catch (error) {
    if (error instanceof NothingToTry) return { verdict: "–", means: error.message };
    const telling = tellingRequest(s3.proxy.requests);
    const seen = (error as No).seen ?? (telling === undefined ? "no request" : onTheWire(telling));
    const means = error instanceof No ? error.message : `the AWS SDK beside it: ${wordsOf(error)}`;
    return { verdict: "no", seen, means };
  } finally {
    await s3.stop();
  }
}

function wordsOf(error: unknown): string {
  const { name, message, $metadata } = error as S3ServiceException;
  return withoutChance(
    $metadata === undefined ? `${name}: ${message}` : `${$metadata.httpStatusCode} ${name}`,
  );
}
