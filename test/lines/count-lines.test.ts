import { expect, test } from "bun:test";
import { countLineEnds } from "../../src/lines/count-lines.ts";
import { seededRandom } from "../support/random.ts";
import { hostileBytes, hostileLengths } from "./hostile-bytes.ts";

test("line ends are counted in bytes of any length, also in more than a block", () => {
  const random = seededRandom("countLineEnds");
  for (const length of [...hostileLengths(), 65_535, 65_536, 65_537, 200_000]) {
    const bytes = hostileBytes(random, length);
    expect(countLineEnds(bytes)).toBe(bytes.filter((byte) => byte === 0x0a).length);
  }
});
