/** Each way to check a body: a whole one is taken, a damaged one refused. */
import { BytesPut } from "../../../src/destination/bytes-put.ts";
import type { IntegrityCheck } from "../../../src/destination/integrity.ts";
import { serviceError } from "../../../src/destination/service-error.ts";
import { damagedBody, firstRequests } from "../../support/faults.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { onTheWire } from "../wire.ts";

const WHEN: Record<IntegrityCheck, string> = {
  sha256: "the check of logship beside AWS without TLS",
  "sha256-md5": "its check without TLS beside other servers",
  md5: "its check over TLS beside other servers than AWS",
  crc32: "its check beside AWS",
};
const BODY = new TextEncoder().encode("one\ntwo\n");

export const checks: readonly Scenario[] = [
  check("check without TLS", "sha256-md5"),
  check("SHA-256 alone", "sha256"),
  check("check over TLS", "md5"),
  check("AWS's CRC32", "crc32"),
];

function check(name: string, kind: IntegrityCheck): Scenario {
  return {
    name,
    holds: `${WHEN[kind]}: a whole body is stored, one that was damaged on its way is refused`,
    async run(stage) {
      await stage.makeBucket();
      const { requests } = await stage.client();
      const { proxy } = stage.s3;
      const bytesPut = new BytesPut(requests, kind);
      const send = () => bytesPut.put(`${kind}.log`, BODY, {}, AbortSignal.timeout(60_000));
      await send().catch(() => {
        throw new No("a whole body is refused: `upload` would end with 111");
      });
      proxy.setPlan(firstRequests(1, damagedBody));
      try {
        await send();
      } catch (error) {
        if (serviceError(error) !== undefined) return;
        throw new No("the connection ends without an answer, and the upload is tried again");
      }
      throw new No("it makes no such check, and logship cannot tell", onTheWire(proxy.requests.at(-1)!));
    },
  };
}
