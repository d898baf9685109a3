/** A server that answers what it likes, down to bytes that are no HTTP. */
import fc from "fast-check";
import { RequestFramer, type RequestHead } from "../support/request-framer.ts";
import { number, text } from "./texts.ts";

/** What is sent for one request. */
export interface Answer {
  readonly status: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
  /** The body is sent so many times. */
  readonly times: number;
  readonly framing: "length" | "chunked" | "none" | "too long" | "too short" | "bad chunk";
  /** What comes behind it. */
  readonly end: "more" | "close" | "silence";
}

/** The right answer in place of a hostile one, by what is asked. */
export type Right = (
  request: RequestHead,
  body: Buffer,
) => { status?: number; headers?: Record<string, string>; body?: string | Uint8Array };

const STATUSES = [
  "200",
  "204",
  "206",
  "301",
  "307",
  "400",
  "403",
  "404",
  "409",
  "412",
  "416",
  "429",
  "500",
  "503",
];
const headerText = text.map((one) => one.replace(/[\r\n\0]/g, "").slice(0, 9000));

const headerName = fc.constantFrom(
  ...["etag", "x-amz-bucket-region", "location", "date", "content-type", "content-encoding", "server"],
  ...[
    "x-amz-request-id",
    "x-amz-meta-records",
    "x-amz-meta-crc32",
    "content-range",
    "set-cookie",
    "x-amz-version-id",
  ],
  ...["transfer-encoding", "connection", "x-amz-expiration", "x-amz-checksum-crc32", "content-length"],
);
const headerValue = fc.oneof(
  { arbitrary: headerText, weight: 3 },
  { arbitrary: number, weight: 1 },
  {
    arbitrary: fc.constantFrom(
      "gzip",
      "br",
      "text/html",
      "chunked",
      "eu-west-1",
      '"x"',
      "bytes 0-1/2",
      "close",
    ),
    weight: 2,
  },
);

/** What a server asks for is waited for, up to five minutes: longer than a case may take. */
const retryAfter = fc.tuple(
  fc.constant("retry-after"),
  fc.constantFrom("0", "1", "-1", "1e9", "soon", "\x1b[2J", "Thu, 01 Jan 1970 00:00:00 GMT"),
);

/** @param body What stands in the bodies as a rule. */
export function hostileAnswer(body: fc.Arbitrary<string | Uint8Array>): fc.Arbitrary<Answer> {
  const framing = fc.constantFrom("length", "chunked", "none", "too long", "too short", "bad chunk");
  return fc.record({
    status: fc.oneof(
      { arbitrary: fc.constantFrom(...STATUSES), weight: 12 },
      { arbitrary: fc.constantFrom("99", "1000", "-1", "", "200 \x1b[2J", "100"), weight: 1 },
    ),
    headers: fc.array(
      fc.oneof(
        { arbitrary: fc.tuple(headerName, headerValue), weight: 12 },
        { arbitrary: retryAfter, weight: 1 },
      ),
      { maxLength: 4 },
    ),
    body: body.map((one) => Buffer.from(one as string)),
    times: fc.oneof(
      { arbitrary: fc.constant(1), weight: 12 },
      { arbitrary: fc.constantFrom(0, 50, 20_000), weight: 1 },
    ),
    framing: fc.oneof(
      { arbitrary: fc.constant("length" as const), weight: 6 },
      { arbitrary: framing, weight: 1 },
    ),
    end: fc.oneof(
      { arbitrary: fc.constant("more" as const), weight: 8 },
      { arbitrary: fc.constantFrom("close", "silence"), weight: 1 },
    ),
  }) as fc.Arbitrary<Answer>;
}

const MOST_BYTES = 200 * 1024 * 1024;

/** Starts a server; undefined among the answers stands for the right one. The answers are given in turn, round and round. */
export function startHostileServer(answers: readonly (Answer | undefined)[], right: Right) {
  let count = 0;
  const server = Bun.listen<Connection>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = new Connection(socket, (request, body) => {
          const answer = answers.length === 0 ? undefined : answers[count++ % answers.length];
          return answer ? spoken(answer, request) : rightly(right(request, body), request);
        });
      },
      data: (socket, bytes) => socket.data.receive(bytes),
      drain: (socket) => socket.data.flush(),
      close: (socket) => socket.data.end(),
      error: (socket) => socket.data.end(),
    },
  });
  return {
    origin: `http://127.0.0.1:${server.port}`,
    [Symbol.dispose]: () => server.stop(true),
  };
}

interface Speech {
  readonly head: Buffer;
  readonly body: Uint8Array;
  readonly times: number;
  readonly foot: string;
  readonly end: Answer["end"];
}

function rightly(
  { status = 200, headers = {}, body = "" }: ReturnType<Right>,
  { method }: RequestHead,
): Speech {
  const content = Buffer.from(body as string);
  const all = { ...headers, "content-length": String(content.length) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = Buffer.from(`HTTP/1.1 ${status} OK\r\n${lines.join("")}\r\n`);
  return { head, body: method === "HEAD" ? Buffer.alloc(0) : content, times: 1, foot: "", end: "more" };
}

function spoken({ status, headers, body, times, framing, end }: Answer, request: RequestHead): Speech {
  // A server may say again what it was shown.
  const shown = `${request.headers["x-amz-security-token"] ?? ""} ${request.headers.authorization ?? ""}`;
  const content = Buffer.from(Buffer.from(body).toString("latin1").replaceAll("SHOWN", shown), "latin1");
  const isWhole = content.length * times <= MOST_BYTES;
  const all = isWhole ? times : Math.floor(MOST_BYTES / content.length);
  const length = content.length * all;
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const isChunked = framing === "chunked" || framing === "bad chunk";
  const framed = {
    length: `content-length: ${length}\r\n`,
    "too long": `content-length: ${length + 10}\r\n`,
    "too short": `content-length: ${Math.max(0, length - 3)}\r\n`,
    chunked: "transfer-encoding: chunked\r\n",
    "bad chunk": "transfer-encoding: chunked\r\n",
    none: "",
  }[framing];
  const chunkHead = isChunked ? `${framing === "chunked" ? length.toString(16) : "zz"}\r\n` : "";
  const head = Buffer.from(`HTTP/1.1 ${status} Whatever\r\n${lines}${framed}\r\n${chunkHead}`);
  const foot = !isChunked ? "" : length === 0 ? "\r\n" : "\r\n0\r\n\r\n";
  return { head, body: request.method === "HEAD" ? Buffer.alloc(0) : content, times: all, foot, end };
}

/** Writes what is said as fast as it is read. */
class Connection {
  readonly #socket: Bun.Socket<Connection>;
  readonly #framer: RequestFramer;
  #queue: { bytes: Uint8Array; times: number }[] = [];
  #endsAfter = false;

  constructor(socket: Bun.Socket<Connection>, answer: (request: RequestHead, body: Buffer) => Speech) {
    this.#socket = socket;
    let request: RequestHead | undefined;
    let body: Uint8Array[] = [];
    this.#framer = new RequestFramer({
      head: (head) => {
        request = head;
        body = [];
      },
      body: (bytes) => void body.push(Buffer.from(bytes)),
      end: () => this.#say(answer(request!, Buffer.concat(body))),
    });
  }

  receive(bytes: Uint8Array): void {
    this.#framer.push(bytes);
  }

  #say({ head, body, times, foot, end }: Speech): void {
    this.#queue.push({ bytes: head, times: 1 }, { bytes: body, times: body.length === 0 ? 0 : times });
    // What says no length is over when the connection is.
    if (end !== "silence") this.#queue.push({ bytes: Buffer.from(foot), times: foot === "" ? 0 : 1 });
    this.#endsAfter ||= end === "close" || (foot === "" && !/content-length/i.test(head.toString("latin1")));
    this.flush();
  }

  flush(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      if (next.times === 0) {
        this.#queue.shift();
        continue;
      }
      const written = this.#socket.write(next.bytes);
      if (written < 0) {
        this.end();
        return;
      }
      if (written === next.bytes.length) next.times--;
      else {
        this.#queue.splice(
          0,
          1,
          { bytes: next.bytes.subarray(written), times: 1 },
          { ...next, times: next.times - 1 },
        );
        return;
      }
    }
    if (this.#endsAfter) this.#socket.end();
  }

  end(): void {
    this.#queue = [];
  }
}
