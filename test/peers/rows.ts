import {
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Stage } from "./stage.ts";

/** What happens to a log. */
export interface Row {
  readonly name: string;
  /** The log below the stage's directory. */
  readonly log?: string;
  /** Lines go to a server instead of into files. */
  readonly isToServer?: true;
  /** Begins before the shipper is started for the first time. */
  prepare?(stage: Stage): void;
  /** Happens while it runs. */
  happen(stage: Stage): Promise<void>;
}

/** Longer than any of the programs takes to look again. */
const PAUSE_MS = 2500;
const LINES = 2000;
/** Written right before a rotation, so that nobody has read them yet. */
const LATE_LINES = 100;

const pause = (ms = PAUSE_MS) => Bun.sleep(ms);

/** Writes, waits, writes a little and rotates at once, and writes on: so many times. */
const rounds = (times: number, rotate: (stage: Stage, round: number) => void) => async (stage: Stage) => {
  for (let round = 1; round <= times; round++) {
    stage.write(LINES);
    await pause();
    stage.write(LATE_LINES);
    rotate(stage, round);
    stage.write(LINES);
  }
  await pause();
};

function shift(log: string): void {
  for (let number = 20; number > 0; number--)
    if (existsSync(`${log}.${number}`)) renameSync(`${log}.${number}`, `${log}.${number + 1}`);
}

function renameShifted({ log }: Stage): void {
  shift(log);
  renameSync(log, `${log}.1`);
  writeFileSync(log, "");
}

function copyTruncate({ log }: Stage): void {
  shift(log);
  copyFileSync(log, `${log}.1`);
  truncateSync(log);
}

/** What happens while it is down. */
const down = (happen: (stage: Stage) => void) => async (stage: Stage) => {
  stage.write(LINES);
  await stage.settled();
  await stage.stop();
  happen(stage);
  stage.start();
  await pause();
  stage.write(LINES);
};

const switchLink = (stage: Stage, version: string) => {
  const link = join(stage.directory, "log/current");
  symlinkSync(version, `${link}.new`);
  renameSync(`${link}.new`, link);
};

const linked = {
  log: "log/current/app.log",
  prepare: (stage: Stage) => {
    for (const version of ["v1", "v2"]) mkdirSync(join(stage.directory, "log", version));
    switchLink(stage, "v1");
  },
};

export const ROWS: readonly Row[] = [
  {
    name: "no rotation",
    happen: async (stage) => stage.write(LINES),
  },
  {
    name: "renamed to a date",
    happen: rounds(4, ({ log }, round) => renameSync(log, `${log}-2017011${round}`)),
  },
  {
    name: "renamed, numbers shifted",
    happen: rounds(4, renameShifted),
  },
  {
    name: "renamed twice within a moment, numbers shifted",
    happen: rounds(3, (stage) => {
      renameShifted(stage);
      stage.write(LATE_LINES);
      renameShifted(stage);
    }),
  },
  {
    name: "copied and emptied (`copytruncate`)",
    happen: rounds(4, copyTruncate),
  },
  {
    name: "renamed, then copied (`renamecopy`)",
    happen: async (stage) => {
      const { log } = stage;
      for (let round = 1; round <= 4; round++) {
        stage.write(LINES);
        await pause();
        stage.write(LATE_LINES);
        shift(log);
        renameSync(log, `${log}.tmp`);
        stage.write(LINES);
        await pause(300);
        copyFileSync(`${log}.tmp`, `${log}.1`);
        unlinkSync(`${log}.tmp`);
        await pause();
      }
    },
  },
  {
    name: "a ring of three names, each emptied and used again",
    happen: rounds(5, ({ log }, round) => {
      renameSync(log, `${log}.ring${round % 3}`);
      const next = `${log}.ring${(round + 1) % 3}`;
      if (!existsSync(next)) return;
      renameSync(next, log);
      truncateSync(log);
    }),
  },
  {
    name: "a link on its path switched",
    ...linked,
    happen: rounds(1, (stage) => switchLink(stage, "v2")),
  },
  {
    name: "a link on its path switched while the shipper is down",
    ...linked,
    happen: down((stage) => {
      stage.write(LINES);
      switchLink(stage, "v2");
      stage.write(LINES);
    }),
  },
  {
    name: "renamed to dates twice while the shipper is down",
    happen: down((stage) => {
      const { log } = stage;
      for (const day of [11, 12]) {
        stage.write(LINES);
        renameSync(log, `${log}-201701${day}`);
      }
      stage.write(LINES);
    }),
  },
  {
    name: "renamed and compressed while the shipper is down",
    happen: down((stage) => {
      stage.write(LINES);
      renameShifted(stage);
      Bun.spawnSync(["gzip", `${stage.log}.1`]);
      stage.write(LINES);
    }),
  },
  {
    name: "kill -9, five times while it is written, and restarts",
    happen: async (stage) => {
      for (let turn = 1; turn <= 50; turn++) {
        stage.write(400);
        await pause(100);
        if (turn % 9 !== 0) continue;
        await stage.kill();
        stage.start();
      }
    },
  },
  {
    name: "answers of the server cut off, and a restart",
    isToServer: true,
    happen: async (stage) => {
      stage.write(LINES);
      await stage.settled();
      stage.sink!.cut(2);
      stage.write(LINES);
      for (let turn = 0; turn < 100 && stage.sink!.cuts === 0; turn++) await pause(50);
      await stage.stop();
      stage.sink!.cut(0);
      stage.start();
      stage.write(LINES);
    },
  },
];
