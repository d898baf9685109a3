import { type Case, join, lock, repeat, state } from "../case.ts";

export const cases: Case[] = [
  {
    title: "an empty processor empties old files",
    args: ["s4096", "!", "./d"],
    input: repeat("x", 4200),
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: join(repeat("x", 104), "\n") },
        "@1.s": { mode: 0o744, data: "" },
      },
    },
  },
  {
    title: "a processor belongs to the directories behind it",
    args: ["s4096", "./a", "!tr x y", "./b"],
    input: repeat("x", 4097),
    directories: {
      "./a": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "x\n" },
        "@1.s": { data: repeat("x", 4096) },
      },
      "./b": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "x\n" },
        "@1.s": { data: repeat("y", 4096) },
      },
    },
  },
  {
    title: "a processor that fails runs again from the beginning",
    args: ["s4096", "!cat; echo junk; test -e ok || { touch ok; exit 1; }", "./d"],
    input: repeat("x", 4097),
    stderr: "multilog: warning: processor failed in ./d, pausing\n",
    minMs: 5000,
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "x\n" },
        ok: {},
        "@1.s": { mode: 0o744, data: join(repeat("x", 4096), "junk\n") },
      },
    },
  },
  {
    title: "a processor that is killed runs again after one warning and one pause",
    deviates: "one warning for a crash",
    args: ["s4096", "!cat; test -e ok || { touch ok; kill -9 $$; }", "./d"],
    input: repeat("x", 4097),
    stderr: "multilog: warning: processor crashed in ./d, pausing: killed by SIGKILL\n",
    minMs: 5000,
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "x\n" },
        ok: {},
        "@1.s": { mode: 0o744, data: repeat("x", 4096) },
      },
    },
  },
  {
    title: "a processor waits for a state that somebody deleted",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "", mode: 0o744 },
    ],
    args: ["s4096", "!cat", "./d"],
    steps: [
      { write: repeat("x", 4097) },
      { sleepMs: 200 },
      { setup: [{ path: "d/state", data: "", mode: 0o644 }] },
      "close",
    ],
    stderr:
      "multilog: fatal: unable to run cat: file does not exist\nmultilog: warning: processor failed in ./d, pausing\n",
    minMs: 5000,
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "x\n" },
        "@1.s": { data: repeat("x", 4096) },
      },
    },
  },
  {
    title: "what a processor removes is made again, empty",
    args: ["s4096", "!cat >/dev/null; rm processed newstate", "./d"],
    input: repeat("x", 4097),
    directories: {
      "./d": {
        ...lock,
        current: { mode: 0o744, data: "x\n" },
        state: { mode: 0o600, data: "" },
        "@1.s": { mode: 0o744, data: "" },
      },
    },
  },
  {
    title: "a processor that is not there leaves previous where it is",
    args: ["s4096", "!no-such-cmd-x", "./d"],
    steps: [
      { write: repeat("x", 4097) },
      { sleepMs: 300 },
      {
        directories: {
          "./d": {
            ...lock,
            ...state,
            current: { mode: 0o644, data: "" },
            newstate: { mode: 0o644, data: "" },
            previous: { mode: 0o744, data: repeat("x", 4096) },
            processed: { mode: 0o644, data: "" },
          },
        },
      },
      { shell: "kill -KILL $PID" },
    ],
    signal: "SIGKILL",
    stderr: /^sh: .*no-such-cmd-x: not found\nmultilog: warning: processor failed in .\/d, pausing\n$/,
  },
  {
    title: "TERM during a processor ends it after the rotation, without waiting for input",
    deviates: "no signal is missed",
    args: ["!sleep 1; cat", "./d"],
    steps: [{ write: "one\n" }, { signal: "SIGALRM" }, { signal: "SIGTERM" }, "still runs", "has ended"],
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "" },
        "@1.s": { mode: 0o744, data: "one\n" },
      },
    },
  },
  {
    title: "a processor has standard error",
    args: ["s4096", "!cat; echo hello >&2", "./d"],
    input: repeat("x", 4097),
    stderr: "hello\n",
  },
];
