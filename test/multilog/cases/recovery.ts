import { type Case, lock, state } from "../case.ts";

export const cases: Case[] = [
  {
    title: "a complete current is continued and its state stays",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "old\n", mode: 0o744 },
      { path: "d/state", data: "ST", mode: 0o600 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": { ...lock, current: { mode: 0o744, data: "old\nnew\n" }, state: { mode: 0o600, data: "ST" } },
    },
  },
  {
    title: "a complete current without a state gets none",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "old\n", mode: 0o744 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: { "./d": { ...lock, current: { mode: 0o744, data: "old\nnew\n" } } },
  },
  {
    title: "a current is complete if its owner may execute it",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "old\n", mode: 0o700 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: { "./d": { ...lock, current: { mode: 0o744, data: "old\nnew\n" } } },
  },
  {
    title: "the execute bits of others do not make a current complete",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "old\n", mode: 0o655 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "new\n" },
        "@1.u": { mode: 0o655, data: "old\n" },
      },
    },
  },
  {
    title: "a current left by a crash becomes a .u, and the state is emptied",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "old\n", mode: 0o644 },
      { path: "d/state", data: "ST", mode: 0o644 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "new\n" },
        "@1.u": { mode: 0o644, data: "old\n" },
      },
    },
  },
  {
    title: "a .u keeps its unfinished last line",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "part", mode: 0o644 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "new\n" },
        "@1.u": { mode: 0o644, data: "part" },
      },
    },
  },
  {
    title: "a complete processed becomes a .s and its previous goes",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/previous", data: "P", mode: 0o744 },
      { path: "d/current", data: "c\n", mode: 0o644 },
      { path: "d/processed", data: "DONE", mode: 0o744 },
      { path: "d/newstate", data: "NS", mode: 0o644 },
      { path: "d/state", data: "ST", mode: 0o644 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "new\n" },
        "@1.s": { mode: 0o744, data: "DONE" },
        "@2.u": { mode: 0o644, data: "c\n" },
      },
    },
  },
  {
    title: "a complete processed alone becomes a .s",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "c\n", mode: 0o644 },
      { path: "d/processed", data: "DONE", mode: 0o744 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "new\n" },
        "@1.s": { mode: 0o744, data: "DONE" },
        "@2.u": { mode: 0o644, data: "c\n" },
      },
    },
  },
  {
    title: "a current with a second name only loses its name",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/current", data: "precious", mode: 0o644 },
      { path: "d/keep", kind: "hardlink", target: "d/current" },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "new\n" },
        keep: { mode: 0o644, links: 1, data: "precious" },
      },
    },
  },
  {
    title: "files of other names stay",
    setup: [
      { path: "d", kind: "directory" },
      { path: "d/README", data: "hi", mode: 0o644 },
    ],
    args: ["./d"],
    input: "new\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, data: "new\n" },
        README: { mode: 0o644, data: "hi" },
      },
    },
  },
  {
    title: "three runs make one growing current",
    setup: [],
    runs: [
      {
        args: ["./d"],
        input: "a\n",
        directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "a\n" } } },
      },
      {
        args: ["./d"],
        input: "b",
        directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "a\nb\n" } } },
      },
      {
        args: ["./d"],
        input: "c\n",
        directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "a\nb\nc\n" } } },
      },
    ],
  },
];
