import { expect, test } from "bun:test";
import { CatchingUp } from "../../src/ship/catching-up.ts";

const source = (shippedBytes: number, bytes: number) => ({
  shippedBytes,
  lag: { bytes, sinceMs: undefined },
});

test("there is something to tell from the time that a piece could be full until less than that is left", () => {
  const catchingUp = new CatchingUp(100, false);
  expect(catchingUp.look([source(0, 99)])).toBeUndefined();
  expect(catchingUp.look([source(50, 70), source(10, 80)])).toEqual({ shippedBytes: 0, lagBytes: 150 });
  expect(catchingUp.look([source(90, 30), source(30, 90)])).toEqual({ shippedBytes: 60, lagBytes: 120 });
  expect(catchingUp.look([source(120, 0), source(90, 30)])).toBeUndefined();
  expect(catchingUp.look([source(120, 0), source(90, 130)])).toEqual({ shippedBytes: 0, lagBytes: 130 });
});

test("with --once there is until the end", () => {
  const catchingUp = new CatchingUp(100, true);
  expect(catchingUp.look([source(0, 3)])).toEqual({ shippedBytes: 0, lagBytes: 3 });
  expect(catchingUp.look([source(3, 0)])).toEqual({ shippedBytes: 3, lagBytes: 0 });
});
