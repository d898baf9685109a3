import type { RequestHead } from "./request-framer.ts";

/** What the fault proxy does to one request. */
export type Fault =
  /** Answers by itself, after the whole body or, closing the connection, right after the head. */
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly code: string;
      readonly headers?: Record<string, string>;
      /** Elements of the XML error beside Code and Message. */
      readonly details?: Record<string, string>;
      readonly at?: "head" | "end";
    }
  /** Resets the connection: after the head, in mid-body, or, with the object stored, instead of the answer. */
  | { readonly kind: "reset"; readonly at: "head" | "body" | "answer" }
  /** Lets the answer through for 20 bytes and then resets the connection. */
  | { readonly kind: "truncate" }
  /** Changes the first byte of the body on its way. */
  | { readonly kind: "damage" }
  /** Reads the request and never answers. */
  | { readonly kind: "silence" }
  /** Reads no faster than this, then passes it on. */
  | { readonly kind: "slow"; readonly bytesPerSecond: number };

/** Decides what happens to the request; `index` counts all requests from 0. */
export type Plan = (request: RequestHead, index: number) => Fault | undefined;

export const slowDown: Fault = { kind: "answer", status: 503, code: "SlowDown" };
export const internalError: Fault = { kind: "answer", status: 500, code: "InternalError" };
export const earlyError: Fault = { kind: "answer", status: 503, code: "ServiceUnavailable", at: "head" };
export const resetInBody: Fault = { kind: "reset", at: "body" };
export const lostAnswer: Fault = { kind: "reset", at: "answer" };
export const truncatedAnswer: Fault = { kind: "truncate" };
export const damagedBody: Fault = { kind: "damage" };
export const silence: Fault = { kind: "silence" };

/** The answer of a server whose clock differs from ours by so many minutes. */
export function clockSkew(minutes: number): Fault {
  const date = new Date(Date.now() + minutes * 60_000).toUTCString();
  return { kind: "answer", status: 403, code: "RequestTimeTooSkewed", headers: { Date: date } };
}

/** The same fault for the first n requests, of those that the filter lets through. */
export function firstRequests(
  n: number,
  fault: Fault,
  filter: (request: RequestHead) => boolean = () => true,
): Plan {
  let left = n;
  return (request) => (filter(request) && left-- > 0 ? fault : undefined);
}

/** One of the faults, chosen at random, for this share of the requests. */
export function atRandom(random: () => number, share: number, faults: readonly Fault[]): Plan {
  return () => (random() < share ? faults[Math.floor(random() * faults.length)] : undefined);
}

/** Only requests that store an object or a part of one. */
export function isPut({ method, path }: RequestHead): boolean {
  return method === "PUT" && /^\/[^/?]+\/[^?]/.test(path);
}

/** Only requests that store a piece of a batch, not its folder marker. */
export function isPiece(request: RequestHead): boolean {
  return isPut(request) && request.path.includes(".log.");
}

/** The bytes of an answer that S3 would give, for an `answer` fault. */
export function faultyAnswer(
  { status, code, headers = {}, details = {} }: Extract<Fault, { kind: "answer" }>,
  method: string,
  isLast: boolean,
): Uint8Array {
  const elements = { Code: code, Message: code, ...details, RequestId: "FAULTPROXY" };
  const xml = Object.entries(elements).map(([name, value]) => `<${name}>${value}</${name}>`);
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${xml.join("")}</Error>`;
  const lines = {
    "Content-Type": "application/xml",
    "Content-Length": String(Buffer.byteLength(body)),
    Date: new Date().toUTCString(),
    Connection: isLast ? "close" : "keep-alive",
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`HTTP/1.1 ${status} Injected\r\n${head.join("")}\r\n${method === "HEAD" ? "" : body}`);
}
