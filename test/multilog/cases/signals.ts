import { type Case, lock, numbered, state } from "../case.ts";

export const cases: Case[] = [
  {
    title: "TERM before any input ends it at once",
    args: ["./d"],
    steps: [{ signal: "SIGTERM" }, "has ended"],
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "" } } },
  },
  {
    title: "TERM within a line waits for the end of the line or of the input",
    args: ["./d"],
    steps: [{ write: "one\npart" }, { signal: "SIGTERM" }, "close"],
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "one\npart\n" } } },
  },
  {
    title: "TERM within a line reads to its newline and not a byte further",
    args: ["./d"],
    steps: [{ write: "one\npart" }, { signal: "SIGTERM" }, { write: "ial\nnext\n" }, "has ended"],
    inputLeft: "next\n",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "one\npartial\n" } } },
  },
  {
    title: "TERM that was there at the start reads nothing",
    deviates: "no signal is missed",
    args: ["./d"],
    pending: ["SIGTERM"],
    input: numbered(0, 299, 15),
    inputOffset: 0,
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, size: 0 } } },
  },
  {
    title: "TERM that was blocked at the start ends it without waiting for input",
    deviates: "no signal is missed",
    args: ["./d"],
    pending: ["SIGTERM"],
    steps: ["has ended"],
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "" } } },
  },
  {
    title: "ALRM rotates a current with content, and leaves an empty one",
    args: ["./d"],
    steps: [
      { write: "one\ntwo\n" },
      { signal: "SIGALRM" },
      {
        directories: {
          "./d": {
            ...lock,
            ...state,
            current: { mode: 0o644, data: "" },
            "@1.s": { mode: 0o744, data: "one\ntwo\n" },
          },
        },
      },
      { signal: "SIGALRM" },
      { write: "three\n" },
      {
        directories: {
          "./d": {
            ...lock,
            ...state,
            current: { mode: 0o644, data: "three\n" },
            "@1.s": { mode: 0o744, data: "one\ntwo\n" },
          },
        },
      },
      "close",
    ],
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "three\n" },
        "@1.s": { mode: 0o744, data: "one\ntwo\n" },
      },
    },
  },
  {
    title: "ALRM within a line leaves the line to the new file",
    args: ["./d"],
    steps: [{ write: "one\npart" }, { signal: "SIGALRM" }, { write: "ial\n" }, "close"],
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "partial\n" },
        "@1.s": { mode: 0o744, data: "one\n" },
      },
    },
  },
  {
    title: "ALRM counts the content of an earlier run",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "old\n", mode: 0o744 },
    ],
    args: ["./d"],
    steps: [{ signal: "SIGALRM" }, "close"],
    directories: {
      "./d": { ...lock, current: { mode: 0o744, data: "" }, "@1.s": { mode: 0o744, data: "old\n" } },
    },
  },
  {
    title: "ALRM that was there at the start finds an empty current",
    deviates: "no signal is missed",
    args: ["./d"],
    pending: ["SIGALRM"],
    input: numbered(0, 299, 9),
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, size: 3000 } },
    },
  },
  {
    title: "USR2 ends it with an unfinished current",
    args: ["./d"],
    steps: [{ write: "one\npart" }, { signal: "SIGUSR2" }],
    signal: "SIGUSR2",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o644, data: "one\n" } } },
  },
  {
    title: "PIPE ends it with an unfinished current",
    args: ["./d"],
    steps: [{ write: "one\npart" }, { signal: "SIGPIPE" }],
    signal: "SIGPIPE",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o644, data: "one\n" } } },
  },
  {
    title: "KILL ends it with an unfinished current",
    args: ["./d"],
    steps: [{ write: "one\npart" }, { signal: "SIGKILL" }],
    signal: "SIGKILL",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o644, data: "one\n" } } },
  },
];
