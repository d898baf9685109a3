import { statSync } from "node:fs";
import { join } from "node:path";
import { standIns } from "../support/stand-ins.ts";
import { INSTALL, peer } from "./peer.ts";
import type { Stage } from "./stage.ts";
import type { Rows, Work } from "./table.ts";

const MEGABYTES = 300;
const LINE_BYTES = 200;
/** What svlogd is told by a file: sizes and numbers as the others have them without being told. */
const CONFIG = "s99999\nn10\n";
const FRESH = 'cd "$0" && rm -rf d && mkdir d && printf %s "$2" >d/config && in=$1 && shift 2 && exec "$@"';
const FROM = {
  file: `${FRESH} <"$in" 2>/dev/null`,
  pipe: `${FRESH} < <(exec cat "$in") 2>/dev/null`,
};
const PATTERNS = ["-*", "+* ERROR *", "+*line 0*", "-*GET /health*", "+*.*"];
const REGULAR = ["-", "+ ERROR ", "+line 0", "-GET /health", "+\\."];

const PROFILE =
  "half of logship's processor time is the kernel's, for reading, writing and 15 calls for a new file every 99 999 bytes, which the others need too; the core that cuts, stamps and copies takes a tenth; the rest is the runtime's: its interpreter and file calls, some 25 microseconds for each new file, its start, its compiler and collector. The wall times of all are those of a machine shared with others";

/** The same work for each program: s6-log has regular expressions and its own order, svlogd its patterns in a file. */
interface Scripts {
  /** How many times faster than daemontools and s6-log, from a file and from a pipe. */
  readonly aims: Readonly<Record<keyof typeof FROM, { readonly daemontools?: number; readonly s6: number }>>;
  readonly ours: readonly string[];
  readonly s6: readonly string[];
  readonly svlogd: readonly string[];
  readonly config?: string;
}

const STAMPED: Scripts = {
  aims: { file: { daemontools: 12, s6: 4.5 }, pipe: { daemontools: 9, s6: 3 } },
  ours: ["t", "./d"],
  s6: ["t", "./d"],
  svlogd: ["-t", "./d"],
};
const PLAIN: Scripts = {
  aims: { file: { s6: 3.5 }, pipe: { s6: 3 } },
  ours: ["./d"],
  s6: ["./d"],
  svlogd: ["./d"],
};
const FILTERED: Scripts = {
  aims: { file: { s6: 4 }, pipe: { s6: 3 } },
  ours: ["t", ...PATTERNS, "./d"],
  s6: [...REGULAR, "t", "./d"],
  svlogd: ["-t", "./d"],
  config: PATTERNS.map((pattern) => `${pattern}\n`).join(""),
};

/** `multilog` and the filters beside the writers of daemontools, s6 and runit. */
export const logs: Rows = {
  [`multilog t ./d, ${MEGABYTES} MB from a file`]: (stage) => writers(stage, "file", STAMPED),
  [`multilog ./d, ${MEGABYTES} MB from a file`]: (stage) => writers(stage, "file", PLAIN),
  [`multilog t and five patterns, ${MEGABYTES} MB from a file`]: (stage) => writers(stage, "file", FILTERED),
  [`multilog t ./d, ${MEGABYTES} MB from a pipe`]: (stage) => writers(stage, "pipe", STAMPED),
  [`multilog ./d, ${MEGABYTES} MB from a pipe`]: (stage) => writers(stage, "pipe", PLAIN),
  [`multilog t and five patterns, ${MEGABYTES} MB from a pipe`]: (stage) => writers(stage, "pipe", FILTERED),
  "tai64n to /dev/null": (stage) => filter(stage, "tai64n", stage.lines(MEGABYTES, LINE_BYTES), 12),
  "tai64nlocal to /dev/null": (stage) => filter(stage, "tai64nlocal", labelledLines(stage), 4),
};

function writers(stage: Stage, source: keyof typeof FROM, scripts: Scripts): Work {
  const input = stage.lines(MEGABYTES, LINE_BYTES);
  const within = around(stage, source, input, CONFIG + (scripts.config ?? ""));
  const program = join(standIns("multilog"), "multilog");
  const { daemontools = 4, s6 } = scripts.aims[source];
  return {
    amount: MEGABYTES,
    unit: "MB/s",
    contenders: [
      { name: "logship multilog", command: within([program, ...scripts.ours]) },
      peer("multilog", scripts.ours, INSTALL.daemontools, { wall: daemontools, cpu: 1 }, within),
      peer(
        "s6-log",
        ["n10", "s99999", ...scripts.s6],
        "apt-get install s6",
        { wall: s6, cpu: source === "file" ? 4 : 1 },
        within,
      ),
      peer("svlogd", scripts.svlogd, "apt-get install runit", {}, within),
    ],
    profile: PROFILE,
  };
}

function filter(stage: Stage, name: "tai64n" | "tai64nlocal", input: string, wall: number): Work {
  const within = around(stage, "file", input, "");
  return {
    amount: statSync(input).size / 1e6,
    unit: "MB/s",
    env: { TZ: "UTC" },
    contenders: [
      { name: `logship ${name}`, command: within([join(standIns(name), name)]) },
      peer(name, [], INSTALL.daemontools, { wall }, within),
    ],
  };
}

function labelledLines(stage: Stage): string {
  const labelled = join(stage.directory, "labelled");
  const program = join(standIns("tai64n"), "tai64n");
  Bun.spawnSync(["sh", "-c", '"$0" <"$1" >"$2"', program, stage.lines(MEGABYTES, LINE_BYTES), labelled]);
  return labelled;
}

/** Starts a command in the stage's directory with its input, and an empty log directory beside it. */
function around(stage: Stage, source: keyof typeof FROM, input: string, config: string) {
  const bash = ["bash", "-c", FROM[source], stage.directory, input, config];
  return (command: readonly string[]) => [...bash, ...command];
}
