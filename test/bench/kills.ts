/**
 * `bun test/bench/kills.ts [seconds] [MB/s]`: what kill -9 costs a log writer. Numbered lines go at full speed (or so many
 * MB/s) through a pipe that stays open, as svscan's do; the writer at its end is killed every 50 to 500 ms and started
 * again. In the end every line is accounted for. Beside it daemontools' multilog does the same.
 */
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { seededRandom } from "../support/random.ts";
import { standIns } from "../support/stand-ins.ts";
import { logFiles } from "../support/stored-lines.ts";
import { until } from "../support/until.ts";
import { row } from "./measure.ts";
import { Account } from "./numbered-lines.ts";

/** So many kills later, nobody asks for an old file. */
const PASSES = 6;
const seconds = Number(process.argv[2] ?? 25);
const megabytesPerSecond = process.argv[3] ?? "0";
const random = seededRandom("kills");
const ours = join(standIns("multilog"), "multilog");
const theirs = Bun.which("multilog", { PATH: "/usr/bin:/usr/local/bin:/command" });

interface Configuration {
  readonly name: string;
  readonly script: readonly string[];
  readonly maxBytes?: number;
  readonly pipeBytes?: number;
  /** ALRM and TERM now and then. */
  readonly hasSignals?: boolean;
  /** Every second writer is daemontools', and ends by TERM. */
  readonly isAlternating?: boolean;
  /** Which lines go where. */
  readonly directories?: Readonly<Record<string, (number: number) => boolean>>;
}

const isLow = (number: number) => /^[1-4]/.test(String(number));
const THREE_WAYS = [
  "-*",
  "+1*",
  "+2*",
  "+3*",
  "+4*",
  "./low",
  "+*",
  "-1*",
  "-2*",
  "-3*",
  "-4*",
  "./high",
  "+*",
  "./all",
];
const ALL = { d: () => true };

const configurations: readonly Configuration[] = [
  { name: "./d", script: ["./d"] },
  { name: "t ./d", script: ["t", "./d"] },
  { name: "t s99999 ./d, short lines", script: ["t", "s99999", "./d"], maxBytes: 16 },
  { name: "t s99999 !cat ./d, short lines", script: ["t", "s99999", "!cat", "./d"], maxBytes: 16 },
  {
    name: "t s16777215 ./d, long lines, 1 MiB pipe",
    script: ["t", "s16777215", "./d"],
    maxBytes: 3000,
    pipeBytes: 1 << 20,
  },
  { name: "s4096 ./d", script: ["s4096", "./d"] },
  { name: "s4096 ./d, ALRM and TERM", script: ["s4096", "./d"], hasSignals: true },
  {
    name: "patterns into three directories",
    script: THREE_WAYS,
    directories: { low: isLow, high: (number) => !isLow(number), all: () => true },
    hasSignals: true,
  },
  { name: "t ./d, in turns with daemontools", script: ["t", "./d"], isAlternating: true },
];

async function measureKills(program: string, configuration: Configuration) {
  const { script, maxBytes = 200, pipeBytes, hasSignals, isAlternating, directories = ALL } = configuration;
  const cwd = mkdtempSync("/tmp/logship-kills-");
  for (const directory of Object.keys(directories)) mkdirSync(join(cwd, directory));
  const [fifo, stopFile] = [join(cwd, "fifo"), join(cwd, "stop")];
  Bun.spawnSync(["mkfifo", fifo]);
  const writing = openSync(fifo, "r+");
  const reading = openSync(fifo, "r");
  if (pipeBytes) {
    const resize = `import fcntl; fcntl.fcntl(0, 1031, ${pipeBytes})`;
    Bun.spawnSync(["python3", "-c", resize], { stdin: reading });
  }
  const writer = Bun.spawn(
    [
      process.execPath,
      join(import.meta.dir, "numbered-lines.ts"),
      String(maxBytes),
      megabytesPerSecond,
      stopFile,
    ],
    { stdin: "ignore", stdout: writing, stderr: "pipe" },
  );
  process.on("exit", () => writer.kill());
  const accounts = new Map(Object.keys(directories).map((name) => [name, new Account(maxBytes)]));
  const eaten = new Eater(cwd, accounts);
  const start = (name: string) =>
    Bun.spawn([name, ...keepingAll(script)], { cwd, stdin: reading, stdout: "ignore", stderr: "inherit" });
  let kills = 0;
  let exits = 0;
  const endAt = performance.now() + seconds * 1000;
  for (let count = 0; performance.now() < endAt; count++) {
    const isTheirTurn = isAlternating === true && count % 2 === 1;
    const child = start(isTheirTurn ? theirs! : program);
    if (random() < 0.8) await hasBegun(cwd, directories);
    await Bun.sleep(50 + random() * 450);
    if (hasSignals && random() < 0.5) child.kill("SIGALRM");
    const signal = isTheirTurn || (hasSignals && random() < 0.2) ? "SIGTERM" : "SIGKILL";
    eaten.eat();
    if (child.exitCode !== null) exits++;
    child.kill(signal);
    await child.exited;
    if (signal === "SIGKILL") kills++;
  }
  writeFileSync(stopFile, "");
  const last = start(program);
  const lines = Number(await new Response(writer.stderr).text());
  closeSync(writing);
  await last.exited;
  closeSync(reading);
  eaten.eatAll();
  rmSync(cwd, { recursive: true });
  let [lost, doubled, strange, torn, fragments] = [0, 0, 0, 0, 0];
  for (const [name, account] of accounts) {
    const sum = account.sum(lines, directories[name as keyof typeof directories]!);
    lost += sum.lost;
    doubled += sum.doubled;
    strange += sum.strange;
    torn += account.torn;
    fragments += account.fragments;
  }
  return { lines, kills, exits, lost, doubled, strange, torn, fragments };
}

/** The script with more old files than there will be; `t` is an action only where it is the first. */
function keepingAll(script: readonly string[]): string[] {
  const at = script[0] === "t" ? 1 : 0;
  return [...script.slice(0, at), "n1000000", ...script.slice(at)];
}

/** Waits until a writer that was just started has written something: starting takes its time on a busy machine. */
async function hasBegun(cwd: string, directories: object): Promise<void> {
  const current = join(cwd, Object.keys(directories)[0]!, "current");
  const look = () => statSync(current, { throwIfNoEntry: false });
  const before = look();
  const isChanged = () => look()?.ino !== before?.ino || look()?.size !== before?.size;
  await until("the first line", isChanged, 2000).catch(() => {});
}

/** Takes old files away as they come, so that the disk does not fill. */
class Eater {
  readonly #cwd: string;
  readonly #accounts: ReadonlyMap<string, Account>;
  #passes = new Map<string, number>();

  constructor(cwd: string, accounts: ReadonlyMap<string, Account>) {
    this.#cwd = cwd;
    this.#accounts = accounts;
  }

  /** Takes the files that a writer has long been done with. */
  eat(): void {
    for (const [directory, account] of this.#accounts) {
      for (const name of readdirSync(join(this.#cwd, directory)).sort()) {
        if (!name.startsWith("@")) continue;
        const path = join(this.#cwd, directory, name);
        const passes = (this.#passes.get(path) ?? 0) + 1;
        if (passes < PASSES) this.#passes.set(path, passes);
        else this.#take(path, account);
      }
    }
  }

  eatAll(): void {
    for (const [directory, account] of this.#accounts)
      for (const name of logFiles(join(this.#cwd, directory)))
        this.#take(join(this.#cwd, directory, name), account);
  }

  #take(path: string, account: Account): void {
    this.#passes.delete(path);
    account.take(readFileSync(path));
    unlinkSync(path);
  }
}

const only = process.argv[4];
for (const configuration of configurations) {
  if (only !== undefined && !configuration.name.includes(only)) continue;
  const programs = configuration.isAlternating
    ? [["logship", ours]]
    : [
        ["logship", ours],
        ["daemontools", theirs],
      ];
  for (const [name, program] of programs) {
    if (!program || (configuration.isAlternating && !theirs)) continue;
    const { lines, kills, exits, ...found } = await measureKills(program, configuration);
    row(
      `${configuration.name}: ${name}`,
      `${lines} lines`,
      `${kills} kills`,
      `${exits} exits`,
      ...Object.entries(found).map(([what, count]) => `${count} ${what}`),
    );
  }
}
