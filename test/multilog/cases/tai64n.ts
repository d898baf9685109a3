import { bytes, type Case, unlabelled } from "../case.ts";

export const cases: Case[] = [
  {
    title: "each line gets a label and a space",
    args: [],
    input: "a\nb\n",
    stdout: /^@4000000[0-9a-f]{17} a\n@4000000[0-9a-f]{17} b\n$/,
  },
  { title: "empty lines get a label and a space", args: [], input: "\n\n", stdout: unlabelled("@T \n@T \n") },
  { title: "no input gives no output", args: [] },
  {
    title: "NUL and high bytes stay",
    args: [],
    input: bytes("a\0\xff\n"),
    stdout: unlabelled("@T a\0\xff\n"),
  },
  {
    title: "labelled lines get a second label",
    args: [],
    input: "@400000003b4a39c23294b13c x\n",
    stdout: /^@[0-9a-f]{24} @400000003b4a39c23294b13c x\n$/,
  },
  {
    title: "output that cannot be written ends it with 111",
    command: ["sh", "-c", "tai64n >/dev/full"],
    input: "a\n",
    exitCode: 111,
  },
  {
    title: "an unfinished line is written with its label as it comes",
    command: ["sh", "-c", "exec tai64n >out"],
    steps: [
      { write: "par" },
      { directories: { ".": { out: { unlabelled: "@T par" } } } },
      { write: "t\n" },
      { directories: { ".": { out: { unlabelled: "@T part\n" } } } },
      "close",
    ],
    directories: { ".": { out: { unlabelled: "@T part\n" } } },
  },
  {
    title: "tai64nlocal shows what tai64n wrote",
    command: ["sh", "-c", "tai64n | tai64nlocal"],
    input: "a\n",
    stdout: /^20[0-9]{2}-[01][0-9]-[0-3][0-9] [012][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{6}500 a\n$/,
  },
];
