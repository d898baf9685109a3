import { expect, test } from "bun:test";
import { diagnose } from "../../src/doctor/diagnose.ts";
import type { Finding } from "../../src/doctor/finding.ts";
import { hostChecks } from "../../src/doctor/host-checks.ts";
import { serviceChecks } from "../../src/doctor/service-checks.ts";
import { unableTo } from "../../src/system/errors.ts";
import { shell } from "../../src/system/shell-command.ts";
import { sourceCommands } from "../support/source-commands.ts";

async function findingsOf(run: () => Promise<Finding[]>, deadline: AbortSignal): Promise<Finding[]> {
  const checks = [{ name: "thing", remedy: shell`ls -l thing`, run }];
  return Array.fromAsync(diagnose(checks, deadline));
}

test("a look that does not end, or fails itself, is answered with what there is to see", async () => {
  const endless = await findingsOf(() => new Promise<never>(() => {}), AbortSignal.timeout(10));
  expect(endless.map(({ text, remedy, isUnseen }) => [text, remedy?.text, isUnseen])).toEqual([
    ["no answer in time", "ls -l thing", true],
  ]);
  const failing = () => Promise.reject(unableTo("read", "thing", "access denied"));
  const [failed] = await findingsOf(failing, new AbortController().signal);
  expect([failed?.text, failed?.remedy?.text]).toEqual([
    "unable to read thing: access denied",
    "ls -l thing",
  ]);
});

test("no remedy is the command that was typed: another doctor is asked for as root or with settings alone", async () => {
  const checks = [...hostChecks(() => [], "UTC"), ...serviceChecks("/service", () => "/state", shell`sudo `)];
  for (const { remedy } of checks) expect(remedy.text).not.toContain("logship doctor");
  const doctors = (await sourceCommands()).filter(({ literals }) =>
    literals.join("").includes("logship doctor"),
  );
  expect(doctors.map(({ literals }) => literals.join("…")).sort()).toEqual([
    "logship doctor --to s3://BUCKET",
    "sudo envdir …/env logship doctor",
    "sudo logship doctor",
  ]);
});
