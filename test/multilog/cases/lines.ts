import { type Case, join, lock, repeat, state } from "../case.ts";

export const cases: Case[] = [
  {
    title: "carriage returns stay",
    args: ["./d"],
    input: "a\r\nb\r\n",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "a\r\nb\r\n" } } },
  },
  {
    title: "a new directory without input gets an empty current, a lock and a state",
    args: ["./d"],
    directories: {
      ".": { d: { isDirectory: true, mode: 0o700 } },
      "./d": { ...lock, ...state, current: { mode: 0o744, data: "" } },
    },
  },
  {
    title: "empty lines are lines",
    args: ["./d"],
    input: "\n\n\n",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "\n\n\n" } } },
  },
  {
    title: "a line of 999 bytes is stored whole",
    args: ["./d"],
    input: join(repeat("x", 999), "\n"),
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 999), "\n") } },
    },
  },
  {
    title: "1000 bytes without a newline are stored with one",
    args: ["./d"],
    input: repeat("x", 1000),
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 1000), "\n") } },
    },
  },
  {
    title: "a line of 1001 bytes is stored whole",
    args: ["./d"],
    input: join(repeat("x", 1001), "\n"),
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 1001), "\n") } },
    },
  },
  {
    title: "1001 bytes without a newline are stored with one",
    args: ["./d"],
    input: repeat("x", 1001),
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 1001), "\n") } },
    },
  },
  {
    title: "a line of 1024 bytes is stored whole",
    args: ["./d"],
    input: join(repeat("x", 1024), "\n"),
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 1024), "\n") } },
    },
  },
  {
    title: "1024 bytes without a newline are stored with one",
    args: ["./d"],
    input: repeat("x", 1024),
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 1024), "\n") } },
    },
  },
  {
    title: "a stamp leaves 974 bytes of a line to e",
    args: ["t", "./d"],
    input: join(repeat("x", 974), "\n", repeat("x", 975), "\n"),
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: {
          mode: 0o744,
          unlabelled:
            "@T xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n@T xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n",
        },
      },
    },
  },
  {
    title: "an unfinished line is stored from its 1000th byte on",
    args: ["./d"],
    steps: [
      { write: repeat("z", 999) },
      { directories: { "./d": { ...lock, ...state, current: { mode: 0o644, data: "" } } } },
      { write: "z" },
      { directories: { "./d": { ...lock, ...state, current: { mode: 0o644, size: 1000 } } } },
      { write: "zz" },
      { directories: { "./d": { ...lock, ...state, current: { mode: 0o644, size: 1002 } } } },
      "close",
    ],
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, size: 1003 } } },
  },
];
