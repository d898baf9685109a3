import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { standIns } from "../support/stand-ins.ts";
import type { Stage } from "./stage.ts";
import { peer, type Table } from "./table.ts";

const MEGABYTES = 300;
const FROM = {
  file: 'cd "$0" && rm -rf d && in=$1 && shift && exec "$@" <"$in" 2>/dev/null',
  pipe: 'cd "$0" && rm -rf d && in=$1 && shift && exec "$@" < <(exec cat "$in") 2>/dev/null',
};
const PATTERNS = ["-*", "+* ERROR *", "+*line 0*", "-*GET /health*", "+*.*"];
const REGULAR = ["-", "+ ERROR ", "+line 0", "-GET /health", "+\\."];

/** Each with the same work for the three programs; s6-log has regular expressions and its own order. */
const SCRIPTS: Record<string, { script: string[]; s6: string[] }> = {
  "t ./d": { script: ["t", "./d"], s6: ["t", "./d"] },
  "./d": { script: ["./d"], s6: ["./d"] },
  "t and five patterns": { script: ["t", ...PATTERNS, "./d"], s6: [...REGULAR, "t", "./d"] },
};

/** multilog and the filters beside daemontools' and s6-log. */
export async function logs(table: Table, stage: Stage): Promise<void> {
  const input = stage.lines("input", MEGABYTES, 200);
  const programs = standIns("multilog", "tai64n", "tai64nlocal");
  const started = (source: keyof typeof FROM, from: string) => (command: readonly string[]) => [
    "bash",
    "-c",
    FROM[source],
    stage.directory,
    from,
    ...command,
  ];
  for (const source of ["file", "pipe"] as const) {
    const within = started(source, input);
    for (const [name, { script, s6 }] of Object.entries(SCRIPTS)) {
      await table.add({
        name: `multilog ${name}, ${MEGABYTES} MB from a ${source}`,
        amount: MEGABYTES,
        unit: "MB/s",
        contenders: [
          { name: "logship multilog", command: within([join(programs, "multilog"), ...script]) },
          peer("multilog", script, "apt-get install daemontools", within),
          peer("s6-log", ["n10", "s99999", ...s6], "apt-get install s6", within),
        ],
      });
    }
  }
  const labelled = join(stage.directory, "labelled");
  Bun.spawnSync(["sh", "-c", '"$0" <"$1" >"$2"', join(programs, "tai64n"), input, labelled]);
  for (const [name, from] of [
    ["tai64n", input],
    ["tai64nlocal", labelled],
  ] as const) {
    const within = started("file", from);
    await table.add({
      name: `${name} to /dev/null`,
      amount: statSync(from).size / 1e6,
      unit: "MB/s",
      env: { TZ: "UTC" },
      contenders: [
        { name: `logship ${name}`, command: within([join(programs, name)]) },
        peer(name, [], "apt-get install daemontools", within),
      ],
    });
  }
  rmSync(input);
  rmSync(labelled);
}
