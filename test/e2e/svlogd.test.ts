/** runit's svlogd, whose processor gives a finished file another name: first `@label.u`, and `@label.s` when it is done. */
import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { start } from "../support/logship.ts";
import { needs } from "../support/needs.ts";
import { linesOf, Shipment } from "../support/shipped.ts";
import { until } from "../support/until.ts";

test.skipIf(!needs("svlogd"))(
  "what svlogd writes and has processed is shown and shipped once, also while the processor works",
  async () => {
    const shipment = new Shipment();
    const directory = shipment.path("log");
    mkdirSync(directory);
    // It works until the test has seen what is there meanwhile.
    const gate = shipment.path("gate");
    writeFileSync(`${directory}/config`, `s4096\nn50\n!while [ -e ${gate} ]; do sleep 0.01; done; cat\n`);
    const svlogd = Bun.spawn(["svlogd", directory], { stdin: "pipe", stdout: "ignore", stderr: "inherit" });
    await until("a log", () => readdirSync(directory).includes("current"));
    const tail = start(["tail", "-f", "-n", "1000", directory]);
    const logship = start(shipment.args([directory]));
    let written = "";
    const isThere = async () => {
      await until("that it is shown", () => tail.stdout.length >= written.length);
      await until("that it is shipped", () => shipment.text.length >= written.length);
    };
    const named = (end: string) => readdirSync(directory).filter((name) => name.endsWith(end)).length;
    for (let round = 0; round < 3; round++) {
      writeFileSync(gate, "");
      const before = named(".s");
      while (named(".u") === 0) {
        const lines = linesOf(
          `round ${round}, line of some length, so that a file is full soon: ${written.length}`,
          10,
        );
        written += lines;
        svlogd.stdin.write(lines);
        svlogd.stdin.flush();
        await isThere();
      }
      await Bun.file(gate).delete();
      await until("that it is processed", () => named(".u") === 0 && named(".s") > before);
    }
    svlogd.stdin.end();
    await svlogd.exited;
    for (const process of [tail, logship]) process.kill("SIGTERM");
    const [shown, { stderr }] = await Promise.all([tail.result, logship.result]);
    expect(shown.stdout).toBe(written);
    expect(shipment.text).toBe(written);
    expect([shown.stderr, stderr]).toEqual(["", ""]);
  },
);
