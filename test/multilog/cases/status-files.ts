import { type Case, join, repeat } from "../case.ts";

export const cases: Case[] = [
  {
    title: "= keeps the last line in a file of 1001 bytes",
    args: ["=st"],
    input: "hello\nlonger line\nz\n",
    directories: { ".": { st: { mode: 0o600, data: join("z", repeat("\n", 1000)) } } },
  },
  {
    title: "= leaves the mode and the end of an older, longer file",
    setup: [{ path: "st", data: repeat("x", 1500), mode: 0o640 }],
    args: ["=st"],
    input: "q\n",
    directories: { ".": { st: { mode: 0o640, data: join("q", repeat("\n", 1000), repeat("x", 499)) } } },
  },
  {
    title: "= keeps the first 1000 bytes of a line and one newline",
    args: ["=st"],
    input: join(repeat("y", 1500), "\n"),
    directories: { ".": { st: { mode: 0o600, data: join(repeat("y", 1000), "\n") } } },
  },
  {
    title: "= makes an empty file when no line is selected",
    args: ["-*", "=st"],
    input: "a\n",
    directories: { ".": { st: { mode: 0o600, data: "" } } },
  },
  {
    title: "= keeps selected lines only",
    args: ["-*", "+STAT*", "=st"],
    input: "STAT 1\nfoo\nSTAT 2\nbar\n",
    directories: { ".": { st: { data: join("STAT 2", repeat("\n", 995)) } } },
  },
  {
    title: "= leaves nothing of a longer line before",
    args: ["=st"],
    input: join(
      "long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long long ",
      "\nab\n",
    ),
    directories: { ".": { st: { data: join("ab", repeat("\n", 999)) } } },
  },
  {
    title: "= without a name is refused",
    args: ["="],
    input: "a\n",
    exitCode: 111,
    stderr: "multilog: fatal: unable to create : file does not exist\n",
  },
  {
    title: "= in a directory that is not there is refused",
    args: ["=no/st"],
    input: "a\n",
    exitCode: 111,
    stderr: "multilog: fatal: unable to create no/st: file does not exist\n",
  },
  {
    title: "= on a directory is refused",
    setup: [{ path: "dd", kind: "directory" }],
    args: ["=dd"],
    input: "a\n",
    exitCode: 111,
    stderr: "multilog: fatal: unable to create dd: is a directory\n",
  },
  {
    title: "= on a FIFO that nobody reads is refused",
    setup: [{ path: "ff", kind: "fifo" }],
    args: ["=ff"],
    input: "a\n",
    exitCode: 111,
    stderr: "multilog: fatal: unable to create ff: device not configured\n",
  },
  {
    title: "status files are opened before log directories are made",
    args: ["./d", "=no/st"],
    input: "a\n",
    exitCode: 111,
    stderr: "multilog: fatal: unable to create no/st: file does not exist\n",
    directories: { ".": {} },
  },
];
