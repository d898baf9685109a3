/** `logship status --watch` on real terminals, over services that a real supervise runs. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Svscan } from "../supervise/svscan.ts";
import { executable, run } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { Terminal } from "../support/tmux.ts";
import { until } from "../support/until.ts";

const BUSY = "exec 2>&1; while :; do echo a line of a log; sleep 0.1; done";
const TROUBLED =
  "echo 'logship: warning: unable to upload a piece to s3://b, trying on: 503 SlowDown'; exec sleep 1000";

describe.skipIf(!needs("tmux", "svscan", "supervise", "svc", "multilog"))("a dashboard", () => {
  let svscan: Svscan;
  beforeAll(async () => {
    svscan = new Svscan();
    svscan.add("busy", BUSY, "exec multilog t ./main");
    svscan.add("troubled", TROUBLED, "exec multilog t ./main");
    svscan.add("without-log", "exec sleep 1000");
    svscan.start();
    await svscan.logship("start", "busy", "troubled", "without-log");
  });
  afterAll(() => svscan[Symbol.asyncDispose]());
  const open = (columns: number, rows: number, env: Record<string, string> = {}) =>
    new Terminal({ columns, rows, env: { LOGSHIP_SERVICES: svscan.services, ...env } });
  const WATCH = "$logship status --watch --state $HOME/state; echo ended $?";

  test("shows services, throughput and the last trouble on 80x24, and follows what happens", async () => {
    await using terminal = open(80, 24);
    terminal.run(`echo before; ${WATCH}`);
    const text = await terminal.shows(/^logship status: 3 up/m);
    expect(text).not.toContain("before");
    expect(text).toMatch(/^SERVICE +STATE +FOR +RESTARTS +LOG RATE +LAST 5 MIN$/m);
    expect(text).toMatch(/^without-log +up +\d+m?\d*s? +0$/m);
    expect(text).toMatch(/^LAST TROUBLE\n[\d:]{8} troubled: logship: warning: unable to upload a piece to/m);
    expect(text).toMatch(/trying\s+on: 503\s+SlowDown$/m);
    expect(terminal.rows.at(-1)).toBe("q: quit");
    expect(terminal.rows.length).toBe(24);
    await terminal.shows(/^busy +up +\S+ +0 +[1-9][\d.]* k?B\/s +[▁▂▃▄▅▆▇█]+$/m);
    Bun.spawnSync(["svc", "-k", `${svscan.services}/busy`]);
    await terminal.shows(/^busy +up +\d+s +1 /m);
    Bun.spawnSync(["svc", "-d", `${svscan.services}/without-log`]);
    await terminal.shows(/^logship status: 2 up, 1 not up/m);
    await terminal.shows(/RESTARTS.*\nwithout-log +down/);
    Bun.spawnSync(["svc", "-u", `${svscan.services}/without-log`]);
    await terminal.shows(/^logship status: 3 up /m);
    terminal.press("q");
    expect(await terminal.shows(/ended 0/)).toContain("before\nended 0\n");
  });

  test("fits 40x12, and another size from the next moment on", async () => {
    await using terminal = open(40, 12);
    terminal.run(WATCH);
    const text = await terminal.shows(/^3 up/m);
    expect(text).toMatch(/^busy +up +\S+ +[\d.]+ k?B\/s/m);
    expect(text).toMatch(/^[\d:]{8} troubled: logship: warning:/m);
    expect(terminal.rows.length).toBe(12);
    terminal.resize(100, 30);
    await terminal.shows(/^logship status: 3 up/m);
    expect(terminal.rows.length).toBe(30);
    terminal.resize(20, 6);
    await terminal.shows(/^3 up\b/m);
    expect(terminal.rows.length).toBe(6);
    terminal.press("C-c");
    await terminal.shows(/ended 0/);
  });

  test.skipIf(!needs("pgrep"))(
    "TERM, a stop and what cannot be looked at any more leave a terminal that works",
    async () => {
      await using terminal = open(80, 24);
      terminal.run(
        `echo before; $logship status --watch --state $HOME/state & echo $! > pid; fg; echo ended $?`,
      );
      await terminal.shows(/^logship status: 3 up/m);
      terminal.press("C-z");
      await terminal.shows(/before\n(?:.*\n)*ended \d+/);
      terminal.run("clear; fg; echo again $?");
      await terminal.shows(/^logship status: 3 up/m);
      terminal.press("q");
      await terminal.shows(/again 0/);
      terminal.run(
        `clear; $logship status --watch --state $HOME/state; echo ended $?; stty -a | grep -c ' echo '`,
      );
      await terminal.shows(/^logship status: 3 up/m);
      const pid = Bun.spawnSync([
        "pgrep",
        "-f",
        `status --watch --state ${terminal.home}/state`,
      ]).stdout.toString();
      process.kill(Number(pid), "SIGTERM");
      await terminal.shows(/ended 0\n1$/m);
    },
  );

  test("has colours, unless NO_COLOR is set, and ASCII where the locale is not UTF-8", async () => {
    await using coloured = open(80, 24);
    coloured.run(WATCH);
    await coloured.shows(/^busy +up/m);
    expect(coloured.colouredText).toContain("\x1b[32mup");
    coloured.press("q");
    await using plain = open(80, 24, { NO_COLOR: "1", LANG: "C" });
    plain.run(WATCH);
    await plain.shows(/^busy +up +\S+ +\d +[1-9][\d.]* k?B\/s +[_.:=+*#-]+$/m);
    expect(plain.colouredText).not.toContain("\x1b[3");
    plain.press("q");
  });

  test.skipIf(!needs("script"))("leaves the terminal as it was, whichever way it ends", async () => {
    const command = `${executable} status --watch --state /nowhere`;
    for (const end of ["q", "\x03", "SIGTERM", "SIGHUP"] as const) {
      const env = { PATH: process.env.PATH ?? "", TERM: "xterm", LOGSHIP_SERVICES: svscan.services };
      const script = Bun.spawn(["script", "-qec", `echo $$; exec ${command}`, "/dev/null"], {
        env,
        stdin: "pipe",
        stdout: "pipe",
      });
      let shown = "";
      const read = (async () => {
        for await (const bytes of script.stdout) shown += new TextDecoder().decode(bytes);
      })();
      await until("a dashboard", () => shown.includes("q: quit"));
      if (end.startsWith("SIG")) process.kill(Number(/^\d+/.exec(shown)![0]), end as NodeJS.Signals);
      else {
        script.stdin.write(end);
        script.stdin.flush();
      }
      expect(await script.exited).toBe(0);
      await read;
      expect(shown).toContain("\x1b[?1049h\x1b[?25l");
      expect(shown).toEndWith("\x1b[?25h\x1b[?1049l");
    }
  });

  test("says in one line what to type where there is no screen", async () => {
    const env = { LOGSHIP_SERVICES: svscan.services };
    const piped = await run(["status", "--watch"], { env });
    expect(piped.stderr).toBe(
      "logship: fatal: unable to watch services: standard output is not a terminal; logship status --verbose shows them once\n",
    );
    expect(piped.exitCode).toBe(100);
    await using terminal = open(80, 24);
    terminal.run("TERM=dumb $logship status --watch; echo ended $?");
    expect(await terminal.shows(/ended 100/)).toContain("this terminal (TERM=dumb)");
  });
});
