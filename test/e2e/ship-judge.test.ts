/** The destination is right: states that are older than what is stored, lost, cloned, or of another place lose and double nothing. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { formatState } from "../../src/ship/state.ts";
import { type ConditionalS3, refusal, startConditionalS3 } from "../support/conditional-s3.ts";
import { run } from "../support/logship.ts";
import { workplace } from "../support/proxied-server.ts";
import { environmentOf } from "../support/s3-server.ts";
import { linesOf } from "../support/shipped.ts";

let s3: ConditionalS3;
beforeAll(() => {
  s3 = startConditionalS3();
});
afterAll(() => s3.stop());

/** A log, its state, and a place that it is shipped to. */
class Stage {
  readonly work = workplace({ "app.log": linesOf("first", 3) });
  readonly log = join(this.work, "app.log");
  readonly state = join(this.work, "state");
  readonly to: string;

  constructor(kind: string) {
    s3.objects.clear();
    s3.overwritten.length = 0;
    s3.answer = () => undefined;
    this.to = kind === "s3" ? "s3://bucket/p" : `file://${this.work}/stored`;
  }

  ship(...options: string[]) {
    const args = ["ship", "--once", "--state", this.state, "--host", "h", "--to", this.to];
    return run([...args, ...options, this.log], { env: environmentOf(s3) });
  }

  /** Ships what is there, of which nobody has anything to say. */
  async shipQuietly(...options: string[]) {
    const { stderr, exitCode } = await this.ship(...options);
    expect([stderr, exitCode]).toEqual(["", 0]);
  }

  async verify(...options: string[]) {
    return (await run(["verify", this.to, ...options], { env: environmentOf(s3) })).stdout;
  }

  keepState() {
    cpSync(this.state, join(this.work, "kept"), { recursive: true });
  }

  restoreState() {
    rmSync(this.state, { recursive: true });
    cpSync(join(this.work, "kept"), this.state, { recursive: true });
  }

  /** All lines that are stored, sorted. */
  get lines(): string[] {
    const contents = this.to.startsWith("s3") ? objectsOf(s3) : filesBelow(join(this.work, "stored"));
    const plain = contents.map(([key, content]) => (key.endsWith(".gz") ? gunzipSync(content) : content));
    return Buffer.concat(plain).toString().trimEnd().split("\n").sort();
  }
}

function objectsOf({ objects }: ConditionalS3) {
  return [...objects].map(([key, { body }]) => [key, Buffer.from(body)] as const);
}

function filesBelow(root: string) {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((e) => e.isFile());
  return entries.map(({ parentPath, name }) => [name, readFileSync(join(parentPath, name))] as const);
}

const linesIn = (...texts: string[]) => texts.join("").trimEnd().split("\n").sort();
const OLDER =
  /^logship: warning: \S+app\.log: \S+ has pieces of it that its state does not know, as after an older state was restored or its machine was cloned: [^\n]+\n$/;
const LOST =
  /^logship: warning: \S+app\.log: nothing is remembered of it, but \S+ has pieces of it: [^\n]+\n$/;

describe.each(["s3", "file"])("a state that is older than what is stored at %s", (kind) => {
  test.each([[[]], [["--gzip"]]])(
    "has nothing stored twice that can be proven to be there %j",
    async (options) => {
      const stage = new Stage(kind);
      await stage.shipQuietly(...options);
      stage.keepState();
      for (const text of [linesOf("second", 3), linesOf("third", 30)]) {
        appendFileSync(stage.log, text);
        await stage.shipQuietly("--piece-bytes", "100", ...options);
      }
      stage.restoreState();
      appendFileSync(stage.log, "new\n");
      const { stderr, exitCode } = await stage.ship(...options);
      expect(exitCode).toBe(0);
      expect(stderr).toMatch(OLDER);
      expect(stderr).toContain(
        `${linesOf("second", 3).length + linesOf("third", 30).length} bytes of its files`,
      );
      const texts = [linesOf("first", 3), linesOf("second", 3), linesOf("third", 30), "new\n"];
      expect(stage.lines).toEqual(linesIn(...texts));
      expect(s3.overwritten).toEqual([]);
      appendFileSync(stage.log, "newer\n");
      await stage.shipQuietly(...options);
      expect(stage.lines).toEqual(linesIn(...texts, "newer\n"));
      expect(await stage.verify()).toStartWith("complete: ");
    },
  );

  test("is found out also where the log was rotated since, and all of it is there", async () => {
    const stage = new Stage(kind);
    await stage.shipQuietly();
    stage.keepState();
    appendFileSync(stage.log, linesOf("second", 3));
    await stage.shipQuietly();
    renameSync(stage.log, `${stage.log}.1`);
    writeFileSync(stage.log, linesOf("rotated", 3));
    await stage.shipQuietly();
    stage.restoreState();
    expect((await stage.ship()).stderr).toMatch(OLDER);
    await stage.shipQuietly();
    renameSync(`${stage.log}.1`, `${stage.log}.2`);
    renameSync(stage.log, `${stage.log}.1`);
    writeFileSync(stage.log, linesOf("again", 3));
    await stage.shipQuietly();
    const texts = ["first", "second", "rotated", "again"].map((what) => linesOf(what, 3));
    expect(stage.lines).toEqual(linesIn(...texts));
    expect(await stage.verify()).toStartWith("complete: ");
  });

  test("is told, and what another machine has stored stays", async () => {
    const stage = new Stage(kind);
    await stage.shipQuietly();
    stage.keepState();
    appendFileSync(stage.log, linesOf("one machine", 3));
    await stage.shipQuietly();
    stage.restoreState();
    writeFileSync(stage.log, linesOf("first", 3) + linesOf("another", 2));
    const { stderr, exitCode } = await stage.ship();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(OLDER);
    expect(stderr).toContain("from byte 24 of");
    const texts = [linesOf("first", 3), linesOf("one machine", 3), linesOf("another", 2)];
    expect(stage.lines).toEqual(linesIn(...texts));
    expect(s3.overwritten).toEqual([]);
    appendFileSync(stage.log, "after\n");
    await stage.shipQuietly();
    expect(stage.lines).toEqual(linesIn(...texts, "after\n"));
    // In a directory nothing tells that the second one begins in the middle.
    if (kind === "s3") expect(await stage.verify()).toStartWith("complete: ");
  });

  test("writes over nothing while two machines run from it, even if nobody may look at what is there", async () => {
    const stage = new Stage(kind);
    const key = ["--key", "{host}/{generation}/{source}.{offset}.log"]; // of which there is no listing by source
    await stage.shipQuietly(...key);
    stage.keepState();
    appendFileSync(stage.log, linesOf("one machine", 3));
    await stage.shipQuietly(...key);
    stage.restoreState();
    writeFileSync(stage.log, linesOf("first", 3) + linesOf("another", 2));
    if (kind === "s3")
      s3.answer = ({ method }) => (method === "PUT" ? undefined : refusal(403, "AccessDenied"));
    const { stderr, exitCode } = await stage.ship(...key);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(
      /^logship: warning: unable to upload [^\n]+: it stays, [^\n]+under a new generation[^\n]+\n$/,
    );
    expect(stage.lines).toEqual(
      linesIn(linesOf("first", 3), linesOf("one machine", 3), linesOf("another", 2)),
    );
    expect(s3.overwritten).toEqual([]);
    appendFileSync(stage.log, "after\n");
    await stage.shipQuietly(...key);
    s3.answer = () => undefined;
    if (kind === "s3") expect(await stage.verify()).toStartWith("complete: ");
  });
});

test("two machines that ship many pieces at once from one state lose no line, and neither writes over the other's", async () => {
  const stage = new Stage("s3");
  const options = ["--key", "{host}/{generation}/{source}.{offset}.log", "--piece-bytes", "100"];
  await stage.shipQuietly(...options);
  stage.keepState();
  const one = linesOf("one machine", 200);
  const another = linesOf("another", 200);
  appendFileSync(stage.log, one);
  await stage.shipQuietly(...options);
  stage.restoreState();
  writeFileSync(stage.log, linesOf("first", 3) + another);
  const { stderr, exitCode } = await stage.ship(...options);
  expect(exitCode).toBe(0);
  expect(stderr).toContain("under a new generation");
  const count = (line: string) => stage.lines.filter((other) => other === line).length;
  for (const line of linesIn(linesOf("first", 3), one)) expect([line, count(line)]).toEqual([line, 1]);
  for (const line of linesIn(another)) expect([line, count(line) > 0]).toEqual([line, true]);
  expect(s3.overwritten).toEqual([]);
});

test("a piece that was not answered is found to be stored though the state is older than that", async () => {
  const stage = new Stage("s3");
  await stage.shipQuietly();
  appendFileSync(stage.log, linesOf("second", 3));
  s3.answer = ({ method }) => (method === "PUT" ? refusal(500, "InternalError") : undefined);
  expect((await stage.ship("--attempts", "1")).exitCode).toBe(111);
  s3.answer = () => undefined;
  stage.keepState();
  await stage.shipQuietly();
  appendFileSync(stage.log, linesOf("third", 3));
  await stage.shipQuietly();
  stage.restoreState();
  expect((await stage.ship()).stderr).toMatch(OLDER);
  await stage.shipQuietly();
  expect(stage.lines).toEqual(linesIn(linesOf("first", 3), linesOf("second", 3), linesOf("third", 3)));
  expect(await stage.verify()).toStartWith("complete: ");
});

describe.each(["s3", "file"])("a state that is lost while %s has what was shipped", (kind) => {
  test("has nothing stored twice that can be proven to be there", async () => {
    const stage = new Stage(kind);
    await stage.shipQuietly();
    appendFileSync(stage.log, linesOf("second", 30));
    await stage.shipQuietly("--piece-bytes", "100");
    rmSync(stage.state, { recursive: true });
    appendFileSync(stage.log, "new\n");
    const { stderr, exitCode } = await stage.ship();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(LOST);
    await stage.shipQuietly();
    expect(stage.lines).toEqual(linesIn(linesOf("first", 3), linesOf("second", 30), "new\n"));
    expect(await stage.verify()).toStartWith("complete: ");
    renameSync(stage.log, `${stage.log}.1`);
    writeFileSync(stage.log, linesOf("third", 3));
    await stage.shipQuietly();
    expect(stage.lines).toEqual(
      linesIn(linesOf("first", 3), linesOf("second", 30), "new\n", linesOf("third", 3)),
    );
    expect(await stage.verify()).toStartWith("complete: ");
  });

  test("is told where nothing can be proven, and by verify as well", async () => {
    const stage = new Stage(kind);
    await stage.shipQuietly();
    rmSync(stage.state, { recursive: true });
    writeFileSync(stage.log, `changed\n${linesOf("first", 3)}`);
    const { stderr, exitCode } = await stage.ship();
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(LOST);
    expect(stderr).toContain("lines may be there twice");
    expect(stage.lines).toEqual(linesIn(linesOf("first", 3), "changed\n", linesOf("first", 3)));
    if (kind === "s3")
      expect(await stage.verify()).toMatch(/^again: [^\n]+ lines may be there twice\nincomplete: /);
  });
});

test("the files of a log directory whose state is lost are known by what is stored of them", async () => {
  const stage = new Stage("s3");
  const directory = join(stage.work, "main");
  mkdirSync(directory);
  writeFileSync(join(directory, "lock"), "");
  for (const [index, name] of [
    "@40000000587790b40a0b0c0d.s",
    "@40000000587790b50a0b0c0d.s",
    "current",
  ].entries())
    writeFileSync(join(directory, name), linesOf(name, 3 + index));
  const texts = readdirSync(directory).map((name) => readFileSync(join(directory, name), "utf8"));
  const ship = () => {
    const args = ["ship", "--once", "--state", stage.state, "--host", "h", "--to", stage.to, directory];
    return run(args, { env: environmentOf(s3) });
  };
  expect((await ship()).stderr).toBe("");
  rmSync(stage.state, { recursive: true });
  appendFileSync(join(directory, "current"), "new\n");
  expect((await ship()).stderr).toMatch(/: nothing is remembered of it, but [^\n]+ are not shipped again\n$/);
  expect(stage.lines).toEqual(linesIn(...texts, "new\n"));
  expect(await stage.verify()).toStartWith("complete: ");
});

test("a log of which nothing is remembered or stored costs one listing for all of them", async () => {
  const stage = new Stage("s3");
  for (const letter of "bcdefghijklmnopqrst") writeFileSync(join(stage.work, `${letter}.log`), "line\n");
  s3.calls.length = 0;
  const args = [
    "ship",
    "--once",
    "--state",
    stage.state,
    "--host",
    "h",
    "--to",
    stage.to,
    join(stage.work, "*.log"),
  ];
  expect((await run(args, { env: environmentOf(s3) })).exitCode).toBe(0);
  expect(s3.calls.filter(({ method }) => method === "PUT")).toHaveLength(20);
  expect(s3.calls.filter(({ method }) => method !== "PUT")).toHaveLength(1);
});

describe("a state of another place", () => {
  test("is a new beginning that is announced, with nothing lost on the way there and back", async () => {
    const stage = new Stage("s3");
    await stage.shipQuietly();
    const [old, other] = [stage.to, "s3://bucket/other"];
    const shipTo = (to: string, ...options: string[]) => {
      const args = [
        "ship",
        "--once",
        "--state",
        stage.state,
        "--host",
        "h",
        "--to",
        to,
        ...options,
        stage.log,
      ];
      return run(args, { env: environmentOf(s3) });
    };
    const stored = (to: string) => {
      const keys = [...s3.objects.keys()]
        .sort()
        .filter((key) => key.startsWith(to.slice("s3://bucket/".length)));
      return Buffer.concat(keys.map((key) => s3.objects.get(key)!.body)).toString();
    };
    const there = await shipTo(other);
    expect(there.stderr).toBe(
      `logship: warning: ${stage.log} was shipped to s3://bucket/p/ until now, and what is there stays; to s3://bucket/other/ it is shipped from its start\n`,
    );
    expect(stored(other)).toBe(linesOf("first", 3));
    appendFileSync(stage.log, linesOf("second", 3));
    expect((await shipTo(other)).stderr).toBe("");
    expect(stored(other)).toBe(linesOf("first", 3) + linesOf("second", 3));
    expect((await shipTo(old)).exitCode).toBe(0);
    expect(stored(old)).toBe(linesOf("first", 3) + linesOf("second", 3));
    const { stderr } = await shipTo(other, "--from", "end", "--host", "g");
    expect(stderr).toContain("was shipped to s3://bucket/p/ by host h until now");
    expect(stderr).toContain("to s3://bucket/other/ by host g it is shipped from its end");
    expect(stored(other)).toBe(linesOf("first", 3) + linesOf("second", 3));
  });

  test("does not tell the place in states of earlier versions, which are taken as they are", async () => {
    const stage = new Stage("s3");
    await stage.shipQuietly();
    const name = readdirSync(stage.state).find((file) => file.endsWith(".json"))!;
    const path = join(stage.state, name);
    const { destination, host, ...state } = JSON.parse(readFileSync(path, "utf8")).state;
    expect([destination, host]).toEqual(["s3://bucket/p/", "h"]);
    writeFileSync(path, formatState(state));
    appendFileSync(stage.log, linesOf("second", 3));
    await stage.shipQuietly();
    expect(s3.text).toBe(linesOf("first", 3) + linesOf("second", 3));
  });
});
