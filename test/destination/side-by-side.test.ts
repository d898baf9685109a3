import { expect, test } from "bun:test";
import type { LargeContent } from "../../src/destination/destination.ts";
import { type PartSignals, sendSideBySide } from "../../src/destination/side-by-side.ts";

const PART_BYTES = 10;

/** A content in chunks, with room for so many parts in memory and so many connections beside the own one. */
function stage(bytes: number, buffers: number, spareConnections: number) {
  const whole = Buffer.from(Array.from({ length: bytes }, (_, index) => index % 251));
  const room = { memory: buffers, connections: spareConnections };
  const content: LargeContent = {
    async *open() {
      const chunk = Buffer.alloc(7);
      for (let at = 0; at < whole.length; at += chunk.length) {
        const length = whole.copy(chunk, 0, at);
        yield chunk.subarray(0, length);
      }
    },
    memory: {
      take: () => (room.memory-- > 0 ? Buffer.alloc(PART_BYTES) : void room.memory++),
      give: (buffer) => {
        buffer.fill(0xff);
        room.memory++;
      },
    },
  };
  const spare = {
    tryTake: () => room.connections > 0 && room.connections-- > 0,
    give: () => {
      room.connections++;
    },
  };
  return { whole, room, content, spare };
}

const never = new AbortController().signal;

test.each([
  [0, 3, 2, 1],
  [9, 3, 2, 1],
  [10, 3, 2, 1],
  [95, 3, 9, 3],
  [95, 9, 2, 3],
  [100, 1, 9, 1],
])(
  "%i bytes with memory for %i parts and %i spare connections go up in order, %i at once",
  async (bytes, buffers, connections, most) => {
    const { whole, room, content, spare } = stage(bytes, buffers, connections);
    const before = { ...room };
    const parts: Buffer[] = [];
    let underWay = 0;
    let mostUnderWay = 1;
    const send = async (number: number, part: Buffer) => {
      underWay++;
      mostUnderWay = Math.max(mostUnderWay, underWay);
      await Bun.sleep(number % 3);
      parts[number - 1] = Buffer.from(part);
      underWay--;
    };
    await sendSideBySide(content, spare, send, never);
    expect(Buffer.concat(parts)).toEqual(whole);
    expect(parts.slice(0, -1).every((part) => part.length === PART_BYTES)).toBe(true);
    expect(mostUnderWay).toBe(most);
    expect(room).toEqual(before);
  },
);

test("after a part has failed for good none is begun, and those under way end before the failure is thrown", async () => {
  const { room, content, spare } = stage(200, 4, 3);
  const before = { ...room };
  const begun: number[] = [];
  const ended: number[] = [];
  const send = async (number: number, _: Buffer, { halt, abort }: PartSignals) => {
    begun.push(number);
    if (number === 2) throw new Error("refused");
    while (!halt.aborted) await Bun.sleep(1);
    expect(abort.aborted).toBe(false);
    ended.push(number);
  };
  await expect(sendSideBySide(content, spare, send, never)).rejects.toThrow("refused");
  expect(ended.sort()).toEqual(begun.filter((number) => number !== 2)); // they end in any order
  expect(begun.length).toBeLessThanOrEqual(4);
  expect(room).toEqual(before);
});

test("parts that do not end are given up some time after another has failed", async () => {
  const { room, content, spare } = stage(200, 4, 3);
  const before = { ...room };
  const send = (number: number, _: Buffer, { abort }: PartSignals) =>
    number === 4
      ? Promise.reject(new Error("refused"))
      : new Promise<void>((_resolve, reject) => abort.addEventListener("abort", () => reject(abort.reason)));
  await expect(sendSideBySide(content, spare, send, never)).rejects.toThrow("refused");
  expect(room).toEqual(before);
});

test("a content that fails in the middle fails the upload with its own words, and all is given back", async () => {
  const { room, content, spare } = stage(50, 2, 1);
  const before = { ...room };
  async function* broken() {
    yield* content.open();
    throw new Error("it changed while it was read");
  }
  const sending = sendSideBySide({ ...content, open: broken }, spare, async () => {}, never);
  await expect(sending).rejects.toThrow("it changed while it was read");
  expect(room).toEqual(before);
});

test("nothing is begun once the upload is aborted, and its reason is thrown", async () => {
  const { room, content, spare } = stage(200, 2, 1);
  const before = { ...room };
  const controller = new AbortController();
  const begun: number[] = [];
  const send = async (number: number, _: Buffer, { halt }: PartSignals) => {
    halt.throwIfAborted();
    begun.push(number);
    if (number === 3) controller.abort(new Error("stopped"));
  };
  await expect(sendSideBySide(content, spare, send, controller.signal)).rejects.toThrow("stopped");
  expect(begun.length).toBeLessThan(6);
  expect(room).toEqual(before);
});
