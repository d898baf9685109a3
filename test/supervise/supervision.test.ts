import { describe, expect, test } from "bun:test";
import type { ListedProcess } from "../../src/supervise/process-list.ts";
import { findSupervise, type IdentityOf } from "../../src/supervise/supervision.ts";

const INIT: ListedProcess = listed(1, 0, "init", ["init"], 0);
const SVSCAN = listed(10, 1, "svscan", ["svscan", "/service"], 100);

/** Directories whose place anyone may know, but for those that /proc keeps from strangers. */
const onDisk: IdentityOf = (path) => (path.startsWith("/proc/") ? undefined : path);

function listed(
  pid: number,
  parentPid: number,
  name: string,
  words: string[],
  startTicks: number,
): ListedProcess {
  return { pid, parentPid, name, words, isStopped: false, startTicks };
}

function supervise(pid: number, name: string, startTicks: number, parentPid = 10): ListedProcess {
  return listed(pid, parentPid, "supervise", ["supervise", name], startTicks);
}

/** Two services with their loggers, started by svscan one after the other. */
const inOrder = [
  supervise(20, "a", 200),
  supervise(21, "log", 200),
  supervise(22, "b", 201),
  supervise(23, "log", 202),
];

const withoutServiceNamedLog: IdentityOf = (path) => (path === "/service/log" ? undefined : onDisk(path));

function find(directory: string, processes: ListedProcess[], identityOf = withoutServiceNamedLog) {
  return findSupervise(directory, [INIT, SVSCAN, ...processes], identityOf);
}

describe("findSupervise() for an account that may not look into supervise", () => {
  test("finds a service by the directory of its svscan", () => {
    expect(find("/service/b", inOrder)).toEqual({ kind: "found", supervise: inOrder[2]! });
  });

  test("finds loggers by the order of starts", () => {
    expect(find("/service/a/log", inOrder)).toEqual({ kind: "found", supervise: inOrder[1]! });
    expect(find("/service/b/log", inOrder)).toEqual({ kind: "found", supervise: inOrder[3]! });
  });

  test("is certain that a service without supervise has none", () => {
    expect(find("/service/c", inOrder)).toEqual({ kind: "none" });
  });

  test.each([
    [
      "one logger was started again later",
      [inOrder[0]!, inOrder[2]!, inOrder[3]!, supervise(30, "log", 900)],
    ],
    [
      "loggers were started again one after the other",
      [inOrder[0]!, inOrder[2]!, inOrder[3]!, supervise(31, "log", 901), supervise(32, "log", 902)],
    ],
  ])("says that it cannot tell the loggers apart when %s", (_, processes) => {
    expect(find("/service/a/log", processes)).toEqual({
      kind: "unknown",
      reason: expect.stringMatching(/^\/proc shows \d loggers and not which is this one's$/),
    });
  });

  test("says so when two supervises run for one directory", () => {
    expect(find("/service/a", [...inOrder, supervise(40, "a", 500)])).toEqual({
      kind: "unknown",
      reason: "/proc shows more than one supervise for it",
    });
  });

  test("says so when /proc hides the processes of others", () => {
    expect(findSupervise("/service/a", [SVSCAN, ...inOrder], withoutServiceNamedLog)).toEqual({
      kind: "unknown",
      reason: "/proc does not show other users' processes",
    });
  });

  test("says so when svscan was given no absolute directory", () => {
    const relative = listed(10, 1, "svscan", ["svscan"], 100);
    expect(findSupervise("/service/a", [INIT, relative, ...inOrder], withoutServiceNamedLog)).toEqual({
      kind: "unknown",
      reason: "/proc does not tell where a supervise of this name runs",
    });
  });
});
