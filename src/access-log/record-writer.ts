import type { ZonePeriod } from "../time/zone.ts";
import { AGENTS, PROTOCOLS } from "./agents.ts";
import { SLOTS } from "./block.ts";
import { writeNumber, writeSeconds } from "./digits.ts";
import { EXCHANGES, type Exchange, PLACES } from "./exchange.ts";
import { aroundNumber, type Format, type Request } from "./format.ts";
import { FragmentStore, utf8Bytes } from "./fragments.ts";
import type { Traffic } from "./traffic.ts";
import type { Visitor } from "./visitor.ts";

/** No record is larger: the longest texts of all kinds together stay below. */
const MOST_RECORD_BYTES = 2048;
const MOST_VISITOR_BYTES = 128;
const MOST_TIME_BYTES = 128;
const MOST_COPIED_BY_WORDS = 192;
const BEFORE_DURATION = 0;
const BEFORE_REFERRER = 1;

const PROTOCOL_OF_AGENT = Uint8Array.from(AGENTS, ({ protocol }) => PROTOCOLS.indexOf(protocol));

/**
 * Writes records into one large buffer by copying texts that lie, already encoded, in the same buffer: copyWithin() is
 * the fastest copy of this runtime, because it makes no object.
 */
export class RecordWriter {
  readonly #format: Format;
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #outputStart: number;
  readonly #outputEnd: number;
  #at: number;

  // Where texts begin; each ends where the next one begins.
  readonly #heads: Uint32Array;
  readonly #tails: Uint32Array;
  readonly #agents: Uint32Array;
  readonly #beforeNumbers: Uint32Array;
  readonly #afterNumbers: Uint32Array;
  readonly #constants: Uint32Array;

  // Texts that change lie in places of their own.
  readonly #visitors: number;
  readonly #visitorEnds = new Uint32Array(SLOTS);
  readonly #time: number;
  #timeEnd: number;

  /** @param outputBytes How much gathers before the writer is full. */
  constructor(format: Format, outputBytes: number) {
    const store = new FragmentStore();
    this.#format = format;
    this.#heads = store.add(EXCHANGES.map((exchange) => format.head(requestOf(exchange, PROTOCOLS[0]))));
    this.#tails = store.add(
      PROTOCOLS.flatMap((protocol) =>
        EXCHANGES.map((exchange) => format.tail(requestOf(exchange, protocol))),
      ),
    );
    this.#agents = store.add(AGENTS.map(({ userAgent }) => format.agent(utf8Bytes(userAgent))));
    const places = PLACES.map((url) => aroundNumber(utf8Bytes(url)));
    this.#beforeNumbers = store.add(places.map(([before]) => format.escape(before)));
    this.#afterNumbers = store.add(places.map(([, after]) => format.escape(after)));
    this.#constants = store.add([format.beforeDuration, format.beforeReferrer]);
    this.#visitors = store.reserve(SLOTS * MOST_VISITOR_BYTES);
    this.#time = store.reserve(MOST_TIME_BYTES);
    this.#timeEnd = this.#time;
    this.#outputStart = store.bytes.length;
    this.#outputEnd = this.#outputStart + outputBytes;
    this.#bytes = Buffer.alloc(this.#outputEnd + MOST_RECORD_BYTES);
    this.#bytes.set(store.bytes);
    this.#view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset, this.#bytes.length);
    this.#at = this.#outputStart;
  }

  get sizeBytes(): number {
    return this.#at - this.#outputStart;
  }

  get isFull(): boolean {
    return this.#at >= this.#outputEnd;
  }

  /** The records written since `clear()`: a view of the buffer, good until the next record is written. */
  get output(): Uint8Array {
    return this.#bytes.subarray(this.#outputStart, this.#at);
  }

  clear(): void {
    this.#at = this.#outputStart;
  }

  /** Sets the time of the records that follow. */
  setTime(unixSeconds: number, period: ZonePeriod): void {
    const text = this.#format.time(unixSeconds, period);
    this.#timeEnd = this.#time + this.#bytes.write(text, this.#time, MOST_TIME_BYTES, "latin1");
  }

  /** Sets who is in a slot of the traffic. */
  setVisitor(slot: number, { address, user }: Visitor): void {
    const start = this.#visitors + slot * MOST_VISITOR_BYTES;
    const text = this.#format.visitor(address, user);
    this.#visitorEnds[slot] = start + this.#bytes.write(text, start, MOST_VISITOR_BYTES, "latin1");
  }

  /**
   * Writes the record of the latest request, unless the output would grow beyond `mostBytes`.
   *
   * @returns false if it would; nothing has been written then
   */
  write(traffic: Traffic, mostBytes: number): boolean {
    if (traffic.isNewVisitor) this.setVisitor(traffic.slot, traffic.visitors[traffic.slot]!);
    const isListOfFields = this.#format.order === "fields";
    const end = isListOfFields
      ? this.#writeFields(this.#at, traffic)
      : this.#writeCombined(this.#at, traffic);
    if (end - this.#outputStart > mostBytes) return false;
    this.#at = end;
    return true;
  }

  // Each of these writes a part of a record at a place and returns where the next part begins.

  #writeFields(start: number, traffic: Traffic): number {
    const writeTime = this.#format.isDurationInSeconds ? writeSeconds : writeNumber;
    let at = this.#copy(start, this.#time, this.#timeEnd);
    at = this.#copyVisitor(at, traffic.slot);
    at = writeNumber(this.#view, at, traffic.bodyBytes);
    at = this.#copyText(at, this.#constants, BEFORE_DURATION);
    at = writeTime(this.#view, at, traffic.timeMs);
    at = this.#copyRequest(at, traffic);
    at = this.#copyReferrer(at, traffic);
    return this.#copyText(at, this.#agents, traffic.agent);
  }

  #writeCombined(start: number, traffic: Traffic): number {
    let at = this.#copyVisitor(start, traffic.slot);
    at = this.#copy(at, this.#time, this.#timeEnd);
    at = this.#copyRequest(at, traffic);
    at = writeNumber(this.#view, at, traffic.bodyBytes);
    at = this.#copyText(at, this.#constants, BEFORE_REFERRER);
    at = this.#copyReferrer(at, traffic);
    return this.#copyText(at, this.#agents, traffic.agent);
  }

  #copyVisitor(at: number, slot: number): number {
    return this.#copy(at, this.#visitors + slot * MOST_VISITOR_BYTES, this.#visitorEnds[slot]!);
  }

  #copyRequest(start: number, { exchange, number, agent }: Traffic): number {
    let at = this.#copyText(start, this.#heads, exchange);
    if (number > 0) at = writeNumber(this.#view, at, number);
    return this.#copyText(at, this.#tails, PROTOCOL_OF_AGENT[agent]! * EXCHANGES.length + exchange);
  }

  #copyReferrer(start: number, { referrer, referrerNumber }: Traffic): number {
    const at = this.#copyText(start, this.#beforeNumbers, referrer);
    if (referrerNumber === 0) return at;
    return this.#copyText(writeNumber(this.#view, at, referrerNumber), this.#afterNumbers, referrer);
  }

  #copyText(at: number, starts: Uint32Array, index: number): number {
    return this.#copy(at, starts[index]!, starts[index + 1]!);
  }

  /** May leave rubbish in the 31 bytes after what it returns. */
  #copy(at: number, start: number, end: number): number {
    if (end - start > MOST_COPIED_BY_WORDS) this.#bytes.copyWithin(at, start, end);
    else copyWords(this.#view, at, start, end);
    return at + end - start;
  }
}

function requestOf({ route, status }: Exchange, protocol: string): Request {
  return { method: route.method, path: utf8Bytes(route.path), protocol, status };
}

/**
 * Copies in steps of 32 bytes, which for short texts is faster than a call. Moving them as floating point numbers keeps
 * them as they are, as no text in UTF-8 without DEL holds the bytes of a NaN.
 */
function copyWords(view: DataView, to: number, from: number, end: number): void {
  for (let at = to, start = from; start < end; at += 32, start += 32) {
    view.setFloat64(at, view.getFloat64(start, true), true);
    view.setFloat64(at + 8, view.getFloat64(start + 8, true), true);
    view.setFloat64(at + 16, view.getFloat64(start + 16, true), true);
    view.setFloat64(at + 24, view.getFloat64(start + 24, true), true);
  }
}
