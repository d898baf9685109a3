import { expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { S3, Transport } from "../../src/destination/transport.ts";

async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { server, port: (server.address() as { port: number }).port };
}

function request(port: number, body?: Uint8Array) {
  return { method: "PUT", protocol: "http:", hostname: "127.0.0.1", port, path: "/b/k", headers: {}, body };
}

const transport = (timeoutMs: number) =>
  new Transport({ connectTimeoutMs: 500, timeoutMs, proxyFor: () => undefined, service: S3 });

test("a server that accepts and stays silent is given up after the timeout", async () => {
  const { server, port } = await listen((socket) => socket.resume());
  const started = performance.now();
  await expect(transport(300).handle(request(port))).rejects.toMatchObject({ code: "ETIMEDOUT" });
  expect(performance.now() - started).toBeGreaterThanOrEqual(290);
  server.close();
});

test("a body gets the time it needs at the slowest speed, so that a slow server is not given up", async () => {
  const { server, port } = await listen((socket) => {
    setTimeout(() => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 400);
    socket.resume();
  });
  const { response } = await transport(100).handle(request(port, new Uint8Array(1024 * 1024)));
  expect(response.statusCode).toBe(200);
  server.close();
});

test("a connection that is reset carries its errno", async () => {
  const { server, port } = await listen((socket) => socket.once("data", () => socket.resetAndDestroy()));
  await expect(transport(5000).handle(request(port))).rejects.toMatchObject({ code: "ECONNRESET" });
  server.close();
});

test("a port where nobody listens is refused", async () => {
  const { server, port } = await listen(() => {});
  await new Promise((resolve) => server.close(resolve));
  await expect(transport(5000).handle(request(port))).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

test("an aborted request ends with the reason of its signal", async () => {
  const { server, port } = await listen((socket) => socket.resume());
  const controller = new AbortController();
  const reason = new Error("enough");
  const answer = transport(5000).handle(request(port), { abortSignal: controller.signal });
  controller.abort(reason);
  await expect(answer).rejects.toBe(reason);
  server.close();
});

test("the answer to HEAD is read however large the object is that it tells of", async () => {
  const { server, port } = await listen((socket) =>
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 5368709120\r\nETag: x\r\n\r\n")),
  );
  const answer = await transport(5000).send({ ...request(port), method: "HEAD" });
  expect(answer).toMatchObject({ status: 200, headers: { "content-length": "5368709120" } });
  expect(answer.body).toHaveLength(0);
  server.close();
});

test("query parts are percent-encoded as the signature encodes them", async () => {
  let seen = "";
  const { server, port } = await listen((socket) =>
    socket.once("data", (data) => {
      seen = data.toString().split("\r\n")[0]!;
      socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    }),
  );
  await transport(5000).handle({ ...request(port), query: { "a b": "(c)", flag: null, "x-id": "Put" } });
  expect(seen).toBe("PUT /b/k?a%20b=%28c%29&flag&x-id=Put HTTP/1.1");
  server.close();
});

const LARGE_BYTES = 16 * 1024 * 1024;
const WRITTEN = 0x61;
const OVERWRITTEN = 0x62;

/** How a request for a large body may end before all of it is read. */
const EARLY_ENDS: Record<string, (socket: Socket, abort: AbortController) => void> = {
  "is answered early, on a connection that stays": (socket) =>
    socket.write("HTTP/1.1 503 Slow\r\nContent-Length: 0\r\n\r\n"),
  "is answered early, on a connection that ends": (socket) =>
    socket.write("HTTP/1.1 503 Slow\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
  "is answered with a success": (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
  "is aborted": (_, controller) => controller.abort(new Error("enough")),
  "has timed out": () => {},
};

test.each(Object.entries(EARLY_ENDS))(
  "when a request %s, nothing that is put into its buffer then reaches the server",
  async (_name, endEarly) => {
    const received: Buffer[] = [];
    const controller = new AbortController();
    const closed = Promise.withResolvers<void>();
    let resume = () => {};
    const { server, port } = await listen((socket) => {
      socket.on("close", () => closed.resolve());
      socket.on("data", (data) => {
        received.push(data as Buffer);
        if (received.length > 1) return;
        socket.pause();
        resume = () => socket.resume();
        endEarly(socket, controller);
      });
    });
    const body = new Uint8Array(LARGE_BYTES).fill(WRITTEN);
    const impatient = new Transport({
      connectTimeoutMs: 500,
      timeoutMs: 500 - (LARGE_BYTES / (32 * 1024)) * 1000,
      proxyFor: () => undefined,
      service: S3,
    });
    await impatient.send(request(port, body), controller.signal).catch(() => {});
    body.fill(OVERWRITTEN);
    resume();
    await closed.promise;
    const all = Buffer.concat(received);
    const sent = all.subarray(all.indexOf("\r\n\r\n") + 4);
    expect(sent.length).toBeLessThan(LARGE_BYTES);
    expect(sent.includes(OVERWRITTEN)).toBe(false);
    server.close();
  },
);

test("a success that comes before the body was read is none", async () => {
  const { server, port } = await listen((socket) =>
    socket.once("data", () => socket.pause().write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")),
  );
  const answer = transport(5000).send(request(port, new Uint8Array(LARGE_BYTES)));
  await expect(answer).rejects.toMatchObject({
    reason: "the answer is not that of S3: it came before the object was sent",
    isWorthRetry: true,
  });
  server.close();
});
