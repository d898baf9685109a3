/**
 * A loss of power leaves a state file cut short, or with zeros where its last bytes should be, and the pieces that were stored
 * until then: what is shipped after it is each line once, wherever the cut is.
 */
import { expect, test } from "bun:test";
import { appendFileSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { LogSource } from "../../src/ship/log-source.ts";
import { Sources } from "../../src/ship/sources.ts";
import { parseState } from "../../src/ship/state-text.ts";
import { MemoryDestination, nextPieceOf, SMALL_PIECES } from "../support/memory-shipping.ts";
import { temporaryDirectory } from "../support/run-directory.ts";
import { linesOf } from "../support/shipped.ts";

/** What the disk and the destination hold at a moment at which the host could stop. */
interface Moment {
  readonly state: Buffer;
  readonly stored: ReadonlyMap<string, Buffer>;
}

const SETTINGS = { ...SMALL_PIECES, limits: { pieceBytes: 400, lineBytes: 100_000 } };

class Host {
  readonly #directory = temporaryDirectory("torn");
  readonly log = join(this.#directory, "access.log");
  readonly #states = join(this.#directory, "states");
  destination = new MemoryDestination();
  #sources: Sources | undefined;

  constructor() {
    mkdirSync(this.#states);
  }

  get statePath(): string {
    return join(this.#states, readdirSync(this.#states).find((name) => name.endsWith(".json"))!);
  }

  get moment(): Moment {
    return { state: readFileSync(this.statePath), stored: new Map(this.destination.stored) };
  }

  async look(): Promise<Sources> {
    this.#sources ??= new Sources([this.log], this.#states, SETTINGS, this.destination.host());
    await this.#sources.refresh();
    this.#sources.look();
    return this.#sources;
  }

  /** Ships all that is there. @param before Called with each piece, before it is stored. */
  async ship(before: () => void = () => {}): Promise<void> {
    for (let round = 0; round < 4; round++) {
      this.destination.elapsedMs += 7000;
      const { all, judge } = await this.look();
      const next = () => nextPieceOf(all[0]!, judge);
      for (let piece = await next(); piece; piece = await next()) {
        before();
        this.destination.store(piece);
        piece.acknowledge();
      }
    }
  }

  /** As if the host had stopped at a moment. */
  stopAt({ state, stored }: Moment): void {
    for (const source of this.#sources?.all ?? []) (source as LogSource).journal.release();
    this.#sources = undefined;
    const { path } = { path: this.statePath };
    writeFileSync(path, state);
    this.destination = new MemoryDestination(stored);
  }

  async close(): Promise<void> {
    await this.#sources?.close();
    this.#sources = undefined;
  }
}

const ALL = linesOf("line", 60) + linesOf("more", 60) + linesOf("new", 20);

/** Ships a log that is rotated meanwhile. @returns the host, and what there was before each piece was stored */
async function shipped(): Promise<{ host: Host; moments: Moment[] }> {
  const host = new Host();
  const moments: Moment[] = [];
  const note = () => void moments.push(host.moment);
  writeFileSync(host.log, linesOf("line", 60));
  await host.ship(note);
  appendFileSync(host.log, linesOf("more", 60));
  await host.look();
  renameSync(host.log, `${host.log}.1`);
  writeFileSync(host.log, linesOf("new", 20));
  await host.ship(note);
  return { host, moments };
}

test("a state file that ends in any byte of its last line, or in zeros, is the state before that line", async () => {
  const { host, moments } = await shipped();
  expect(moments.length).toBeGreaterThan(3);
  let cuts = 0;
  for (const { state, stored } of moments) {
    const from = state.lastIndexOf("\n", state.length - 2) + 1;
    if (from === 0) continue;
    const before = parseState(state.subarray(0, from).toString());
    expect(before).toBeDefined();
    for (let length = from; length < state.length; length++) {
      cuts++;
      const cut = state.subarray(0, length);
      expect(parseState(cut.toString())).toEqual(before);
      const zeros = Buffer.concat([cut, Buffer.alloc(state.length - length)]);
      expect(parseState(zeros.toString())).toEqual(before);
    }
    // A sector in the middle of the line that was not written.
    const hole = Buffer.from(state).fill(0, from, from + 100);
    expect(parseState(hole.toString())).toEqual(before);
    const byte = from + ((state.length - from) >> 1);
    host.stopAt({ state: state.subarray(0, byte), stored });
    await host.ship();
    expect({ byte, warnings: host.destination.warnings }).toEqual({ byte, warnings: [] });
    expect(host.destination.lines.join("\n")).toBe(ALL.trimEnd());
  }
  expect(cuts).toBeGreaterThan(1000);
  await host.close();
});

test("after a stop before or after any piece is stored each line is stored once, by the state as it then was", async () => {
  const { host, moments } = await shipped();
  for (const [index, { state, stored }] of moments.entries()) {
    const after = moments[index + 1]?.stored ?? stored;
    for (const there of [stored, after]) {
      host.stopAt({ state, stored: there });
      await host.ship();
      expect(host.destination.warnings).toEqual([]);
      expect(host.destination.lines.join("\n")).toBe(ALL.trimEnd());
    }
  }
  await host.close();
});

test("a line that is damaged, with whole ones behind it, makes a damaged file", async () => {
  const { host, moments } = await shipped();
  const { state } = moments.findLast((one) => one.state.toString().split("\n").length > 3)!;
  const lines = state.toString().split("\n");
  for (const damage of [
    (line: string) => line.replace("1", "2"),
    (line: string) => line.slice(0, -3),
    () => "",
    () => "{}",
    () => "\0".repeat(40),
  ]) {
    const damaged = lines.with(1, damage(lines[1]!)).join("\n");
    expect(parseState(damaged)).toBeUndefined();
  }
  expect(parseState(lines.toSpliced(1, 1).join("\n"))).toBeDefined();
  await host.close();
});

test("a clean stop leaves one line, and what was said in many is in it", async () => {
  const { host } = await shipped();
  const text = readFileSync(host.statePath, "utf8");
  expect(text.split("\n").length).toBeGreaterThan(2);
  await host.close();
  const closed = readFileSync(host.statePath, "utf8");
  expect(closed.split("\n").length).toBe(2);
  expect(JSON.parse(closed)).toMatchObject({ version: 1, state: { source: host.log } });
  expect(
    JSON.parse(closed).state.generations.flatMap((g: { intentions: unknown[] }) => g.intentions),
  ).toEqual([]);
});

test("a file of states stays small, however many pieces are stored", async () => {
  const host = new Host();
  const sizes: number[] = [];
  const note = () => void sizes.push(readFileSync(host.statePath).length);
  writeFileSync(host.log, "");
  for (let turn = 0; turn < 300; turn++) {
    appendFileSync(host.log, linesOf(`turn ${turn} line`, 3));
    await host.ship(note);
  }
  expect(Math.max(...sizes)).toBeGreaterThan(50_000);
  expect(Math.max(...sizes)).toBeLessThan(140_000);
  expect(host.destination.lines.length).toBe(900);
  await host.close();
});
