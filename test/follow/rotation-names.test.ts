import { expect, test } from "bun:test";
import { basesOf } from "../../src/follow/rotation-names.ts";

test.each(["0", ".", "@", "1.", "a1"])("a name of many %j is read in bounded time", (part) => {
  const name = part.repeat(200 / part.length);
  expect(basesOf(name).has(name)).toBe(false);
});
