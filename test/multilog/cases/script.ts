import { bytes, type Case, join, lock, repeat, state, unlabelled } from "../case.ts";

export const cases: Case[] = [
  {
    title: "without actions all input is read and nothing is written",
    args: [],
    input: "a\nb",
    directories: { ".": {} },
  },
  { title: "e copies lines to standard error", args: ["e"], input: "one\ntwo\n", stderr: "one\ntwo\n" },
  { title: "e ends a last line that has no newline", args: ["e"], input: "one\ntwo", stderr: "one\ntwo\n" },
  {
    title: "e copies 200 bytes of a line whole",
    args: ["e"],
    input: join(repeat("x", 200), "\n"),
    stderr: join(repeat("x", 200), "\n"),
  },
  {
    title: "e cuts a line after 200 bytes and adds three dots",
    args: ["e"],
    input: join(repeat("x", 201), "\n"),
    stderr: join(repeat("x", 200), "...\n"),
  },
  {
    title: "e given twice copies each line twice, line by line",
    args: ["e", "e"],
    input: "a\nb\n",
    stderr: "a\na\nb\nb\n",
  },
  { title: "any word that begins with e is e", args: ["exit"], input: "a\n", stderr: "a\n" },
  { title: "e leaves out lines that are not selected", args: ["-a", "e"], input: "a\nb\n", stderr: "b\n" },
  { title: "e copies NUL bytes", args: ["e"], input: bytes("a\0b\n"), stderr: bytes("a\0b\n") },
  { title: "-* deselects every line", args: ["-*", "e"], input: "one\n\ntwo\n" },
  {
    title: "a pattern without a star deselects only the same line",
    args: ["-one", "e"],
    input: "one\ntwo\n",
    stderr: "two\n",
  },
  {
    title: "a star stops where the next byte occurs first, and does not go back",
    args: ["-*", "+*ab", "e"],
    input: "aab\nxab\nab\nxxaab\n",
    stderr: "xab\nab\n",
  },
  {
    title: "a star in the middle needs the pattern to end with the line",
    args: ["-*", "+a*b", "e"],
    input: "ab\naxxb\nabb\nab b\n",
    stderr: "ab\naxxb\n",
  },
  {
    title: "stars and brackets mix",
    args: ["-named[*]: Cleaned cache *", "e"],
    input: "named[135]: Cleaned cache of 3121 RRs\nnamed[x]y]: Cleaned cache z\n",
    stderr: "named[x]y]: Cleaned cache z\n",
  },
  {
    title: "two stars match a line that has a star in it",
    args: ["-*", "+**", "e"],
    input: "a*b\nab\n*\n\n**\n",
    stderr: "a*b\n*\n**\n",
  },
  {
    title: "three stars match what two do",
    args: ["-*", "+***", "e"],
    input: "a*b\nab\n*\na**\n",
    stderr: "a*b\n*\na**\n",
  },
  {
    title: "an empty pattern deselects empty lines only",
    args: ["-", "e"],
    input: "a\n\nb\n",
    stderr: "a\nb\n",
  },
  {
    title: "an empty pattern selects empty lines only",
    args: ["-*", "+", "e"],
    input: "a\n\nb\n",
    stderr: "\n",
  },
  {
    title: "bytes above 127 match as bytes",
    args: ["-*", "+*é", "e"],
    input: "café\ncafe\n",
    stderr: "café\n",
  },
  {
    title:
      "a pattern of 1000 bytes matches every line that begins so, because a line counts to its 1000th byte",
    args: ["-*", `+${"x".repeat(1000)}`, "e"],
    input: join(repeat("x", 1003), "\n", repeat("x", 1000), "\n", repeat("x", 999), "\n"),
    stderr: join(repeat("x", 200), "...\n", repeat("x", 200), "...\n"),
  },
  { title: "patterns see the stamp before the line", args: ["t", "-*", "+* fatal: *", "+@*", "e"] },
  {
    title: "t puts a label and a space before each line",
    args: ["t", "./d"],
    input: "a\nb\n",
    directories: {
      "./d": {
        ...lock,
        ...state,
        current: { mode: 0o744, matches: /^@4000000[0-9a-f]{17} a\n@4000000[0-9a-f]{17} b\n$/ },
      },
    },
  },
  { title: "t behind another action does nothing", args: ["e", "t"], input: "a\n", stderr: "a\n" },
  {
    title: "any first word that begins with t is t",
    args: ["tango", "./d"],
    input: "a\n",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, unlabelled: "@T a\n" } } },
  },
  {
    title: "t stamps a last line that has no newline, which is added",
    args: ["t", "e"],
    input: "a",
    stderr: unlabelled("@T a\n"),
  },
  {
    title: "arguments that are no action are ignored, and a directory begins with a point or a slash",
    args: ["x", "", "main", "S5", "T", "E", "a/b", "./d"],
    input: "a\n",
    directories: {
      ".": { d: { isDirectory: true, mode: 0o700 } },
      "./d": { ...lock, ...state, current: { mode: 0o744, data: "a\n" } },
    },
  },
  {
    title: "a directory gets what is selected where it stands in the script",
    args: ["./all", "-*", "./none", "+b*", "./b", "-bb", "./b2"],
    input: "a\nb\nbb\n",
    directories: {
      "./all": { ...lock, ...state, current: { mode: 0o744, data: "a\nb\nbb\n" } },
      "./none": { ...lock, ...state, current: { mode: 0o744, data: "" } },
      "./b": { ...lock, ...state, current: { mode: 0o744, data: "b\nbb\n" } },
      "./b2": { ...lock, ...state, current: { mode: 0o744, data: "b\n" } },
    },
  },
  {
    title: "later patterns correct earlier ones",
    args: ["-*", "+a*", "-ab", "./d"],
    input: "a\nab\nabc\n",
    directories: { "./d": { ...lock, ...state, current: { mode: 0o744, data: "a\nabc\n" } } },
  },
];
