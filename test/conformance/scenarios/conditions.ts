import { BytesPut } from "../../../src/destination/bytes-put.ts";
import { serviceError } from "../../../src/destination/service-error.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { onTheWire } from "../wire.ts";

export const ifNoneMatch: Scenario = {
  name: "If-None-Match",
  holds: "an object with `If-None-Match: *` is stored once; the second one is refused with 412",
  async run(stage) {
    await stage.makeBucket();
    const { requests, bytesPut } = await stage.client();
    const put = () =>
      new BytesPut(requests, bytesPut.check).put(
        "claimed",
        new TextEncoder().encode("x"),
        { "if-none-match": "*" },
        AbortSignal.timeout(60_000),
      );
    await put();
    try {
      await put();
    } catch (error) {
      const status = serviceError(error)?.status;
      if (status === 412) return;
      throw new No(
        "`run` takes another answer than 412 for a failure, or, if it is 501, for none of the two",
      );
    }
    throw new No(
      "two that `run` into one prefix in the same second may take the same folder: give each its own prefix or shard",
      onTheWire(stage.s3.proxy.requests.at(-1)!),
    );
  },
};
