import { expect, test } from "bun:test";
import { ByteBudget } from "../../src/local-files/byte-budget.ts";

test("lends up to the total and makes who wants more wait for what is given back", async () => {
  const budget = new ByteBudget(100);
  const log: string[] = [];
  await budget.take(60);
  const second = budget.take(60).then(() => log.push("second"));
  await budget.take(40);
  log.push("third");
  budget.give(60);
  await second;
  expect(log).toEqual(["third", "second"]);
});

test("lends more than the total to one alone", async () => {
  const budget = new ByteBudget(100);
  await budget.take(500);
  let isLent = false;
  const next = budget.take(1).then(() => {
    isLent = true;
  });
  await Promise.resolve();
  expect(isLent).toBe(false);
  budget.give(500);
  await next;
});
