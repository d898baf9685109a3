import { describe, expect, test } from "bun:test";
import { checkClock } from "../../src/doctor/clock.ts";
import { shortened } from "../../src/doctor/credentials.ts";
import { exitCodeOf, failed, ok, unseen, warning } from "../../src/doctor/finding.ts";
import { checkMemory } from "../../src/doctor/memory.ts";
import { checkPlatform } from "../../src/doctor/platform.ts";
import { shell } from "../../src/system/shell-command.ts";

const laboratory = {
  kernel: "3.10.0-514.el7.x86_64",
  glibc: "2.17",
  architecture: "x64",
  cpuInfo: "processor\t: 0\nflags\t\t: fpu sse2 ssse3 sse4_1 sse4_2 popcnt avx f16c\nbugs\t\t:\n",
  mayRunCode: true,
};

function verdictsOf(platform: Partial<typeof laboratory>): string[] {
  return checkPlatform({ ...laboratory, ...platform }).map(({ verdict }) => verdict);
}

describe("checkPlatform()", () => {
  test("takes RHEL 7.3 on a processor without AVX2, and what is newer", () => {
    expect(verdictsOf({})).toEqual(["ok", "ok", "ok", "ok"]);
    expect(verdictsOf({ kernel: "6.1.0-9-amd64", glibc: "2.36" })).toEqual(["ok", "ok", "ok", "ok"]);
    expect(verdictsOf({ kernel: "3.10", glibc: "3.0", architecture: "arm64", cpuInfo: "" })).toEqual([
      "ok",
      "ok",
      "ok",
      "ok",
    ]);
  });

  test("says which kernels and C libraries are supported, and takes the oldest", () => {
    const texts = checkPlatform(laboratory).map(({ text }) => text);
    expect(texts[0]).toBe("3.10.0-514.el7.x86_64, supported from 3.10 on");
    expect(texts[1]).toBe("2.17, supported from 2.17 on");
    expect(verdictsOf({ glibc: "2.16.90" })).toEqual(["ok", "failed", "ok", "ok"]);
  });

  test("tells of a process that may not make memory executable", () => {
    expect(verdictsOf({ mayRunCode: false })).toEqual(["ok", "ok", "ok", "failed"]);
  });

  test("refuses an older kernel, C library or processor", () => {
    expect(verdictsOf({ kernel: "2.6.32-754.el6.x86_64" })).toEqual(["failed", "ok", "ok", "ok"]);
    expect(verdictsOf({ glibc: "2.12" })).toEqual(["ok", "failed", "ok", "ok"]);
    expect(verdictsOf({ glibc: "2.9" })).toEqual(["ok", "failed", "ok", "ok"]);
    const [, , processor] = checkPlatform({ ...laboratory, cpuInfo: "flags : fpu sse2\n" });
    expect(processor?.text).toBe("x64 without sse4_2 and popcnt, which logship needs");
  });
});

test("checkMemory() warns of too little, also on kernels that do not say what is available", () => {
  const verdict = (text: string) => checkMemory(text)[0]?.verdict;
  expect(verdict("MemTotal: 991000 kB\nMemFree: 20000 kB\nMemAvailable: 500000 kB\n")).toBe("ok");
  expect(verdict("MemTotal: 991000 kB\nMemFree: 20000 kB\nCached: 300000 kB\n")).toBe("ok");
  expect(verdict("MemTotal: 991000 kB\nMemFree: 20000 kB\nCached: 30000 kB\n")).toBe("warning");
});

test("checkClock() follows the limits of S3", () => {
  const verdict = (seconds: number) => checkClock(seconds * 1000)[0]?.verdict;
  expect([0, 4, -4].map(verdict)).toEqual(["ok", "ok", "ok"]);
  expect([6, -6, 899].map(verdict)).toEqual(["warning", "warning", "warning"]);
  expect([900, -900].map(verdict)).toEqual(["failed", "failed"]);
  expect(checkClock(undefined)[0]?.verdict).toBe("ok");
});

test("an access key is shown by its ends only", () => {
  expect(shortened("AKIAIOSFODNN7EXAMPLE")).toBe("AKIA…MPLE");
  expect(shortened("S3RVER")).toBe("S3…");
});

test("exit code: a failure wins over what could not be looked at, and warnings count for nothing", () => {
  const [good, bad] = [ok("a", ""), failed("a", "", shell``)];
  const [fair, dark] = [warning("a", "", shell``), unseen("a", "", shell``)];
  expect(exitCodeOf([good, fair])).toBe(0);
  expect(exitCodeOf([good, dark, fair])).toBe(111);
  expect(exitCodeOf([dark, bad])).toBe(1);
});
