import { expect, test } from "bun:test";
import { Connections } from "../../src/pipeline/connections.ts";

test("who waits for a connection gets it before one is spare", async () => {
  const connections = new Connections(2);
  await connections.take();
  expect(connections.tryTake()).toBe(true);
  expect(connections.tryTake()).toBe(false);
  let isThere = false;
  const waiting = connections.take().then(() => {
    isThere = true;
  });
  connections.give();
  expect(connections.tryTake()).toBe(false);
  await waiting;
  expect(isThere).toBe(true);
  connections.give();
  connections.give();
  expect([connections.tryTake(), connections.tryTake(), connections.tryTake()]).toEqual([true, true, false]);
});
