import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A server that keeps what it is sent, and can store something without anybody getting the answer. */
export interface Sink {
  readonly port: number;
  /** All that is stored: of S3's objects each once, of what is posted all. */
  readonly texts: Iterable<string>;
  /** How many answers were cut off. */
  readonly cuts: number;
  /** So many of the next requests that bring lines are stored, and their connections closed before the answer. */
  cut(count: number): void;
  stop(): void;
}

/**
 * Starts one on loopback. It knows what logship and Fluent Bit ask of S3 to store small objects, Elasticsearch's
 * `_bulk` as rsyslog uses it, and takes any other POST.
 */
export async function startSink(): Promise<Sink> {
  const objects = new Map<string, string>();
  const posted: string[] = [];
  let left = 0;
  let cuts = 0;
  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const body = await bodyOf(request);
    const isObject = path.split("?")[0]!.split("/").filter(Boolean).length > 1;
    const bringsLines = body !== "" && (request.method === "POST" || (request.method === "PUT" && isObject));
    if (bringsLines && request.method === "PUT") objects.set(path, body);
    else if (bringsLines) posted.push(body);
    if (bringsLines && left > 0) {
      left--;
      cuts++;
      request.socket.destroy();
    } else answer(request, response, body, isObject ? objects.get(path) : "");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get texts() {
      return [...objects.values(), ...posted];
    },
    get cuts() {
      return cuts;
    },
    cut: (count) => {
      left = count;
    },
    stop: () => void server.close(),
  };
}

/** @param object What a GET or HEAD is for; undefined if it is not there. */
function answer(
  { method, url = "" }: IncomingMessage,
  response: ServerResponse,
  body: string,
  object: string | undefined,
): void {
  if (url.includes("_bulk")) {
    const items = body.split("\n").filter((line) => line.startsWith('{"index"'));
    const done = items.map(() => ({ index: { _index: "peers", status: 201 } }));
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify({ took: 1, errors: false, items: done }));
  } else if ((method === "GET" || method === "HEAD") && object === undefined) {
    response.statusCode = 404;
    response.end();
  } else {
    response.setHeader("ETag", '"kept"');
    response.end(method === "GET" ? (object ?? "") : "");
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("latin1");
}
