import { type Case, join, lock, numbered, repeat, state } from "../case.ts";

export const cases: Case[] = [
  {
    title: "TERM during a pause ends it when all that was read is stored",
    deviates: "no signal is missed",
    command: ["sh", "-c", 'ulimit -S -f 1; trap "" XFSZ; exec multilog ./d'],
    steps: [
      { write: repeat("x", 600) },
      { write: "\n" },
      "still runs",
      { signal: "SIGTERM" },
      "still runs",
      { shell: "prlimit --pid $PID --fsize=unlimited" },
      "has ended",
    ],
    stderr: "multilog: warning: unable to write to ./d/current, pausing: file too big\n",
    minMs: 5000,
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 600), "\n") } },
    },
  },
  {
    title: "a file size limit pauses it",
    deviates: "a file size limit pauses",
    command: ["sh", "-c", "ulimit -S -f 2; exec multilog ./d"],
    steps: [{ write: repeat("x", 3000) }, { shell: "prlimit --pid $PID --fsize=unlimited" }, "close"],
    stderr: "multilog: warning: unable to write to ./d/current, pausing: file too big\n",
    minMs: 5000,
    directories: {
      "./d": { ...lock, ...state, current: { mode: 0o744, data: join(repeat("x", 3000), "\n") } },
    },
  },
  {
    title: "a full disk pauses it, and nothing is lost",
    needsRoot: true,
    command: [
      "sh",
      "-c",
      "set -e; mkdir m; mount -t tmpfs -o size=16k none m; head -c 12288 /dev/zero >m/fill; (sleep 2; rm m/fill)& multilog ./m/d; cat m/d/current; wait; umount m",
    ],
    input: numbered(1, 500, 9),
    stdout: numbered(1, 500, 9),
    stderr: "multilog: warning: unable to write to ./m/d/current, pausing: out of disk space\n",
    minMs: 5000,
  },
  {
    title: "a status file on a full disk pauses it",
    args: ["=/dev/full", "./d"],
    steps: [{ write: "a\n" }, { shell: "kill -KILL $PID" }],
    signal: "SIGKILL",
    stderr: "multilog: warning: unable to write /dev/full, pausing: out of disk space\n",
  },
];
