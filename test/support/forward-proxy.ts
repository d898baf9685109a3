import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { connect } from "node:net";

export interface ForwardProxy {
  readonly url: string;
  /** `CONNECT host:port`, or method and whole address, in the order of arrival. */
  readonly asked: string[];
  stop(): void;
}

/**
 * A proxy as HTTPS_PROXY and HTTP_PROXY name it: CONNECT for TLS, whole addresses for plain requests.
 *
 * @param port Where all tunnels lead, on loopback; without it, where the client wants.
 */
export async function startForwardProxy(port?: number): Promise<ForwardProxy> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    void forward(request, response);
  });
  server.on("connect", (request, client) => {
    asked.push(`CONNECT ${request.url}`);
    const [host = "", wanted] = request.url!.split(":");
    const upstream = connect(port ?? Number(wanted), port === undefined ? host : "127.0.0.1", () => {
      client.write("HTTP/1.1 200 Connection established\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on("error", () => client.destroy());
    client.on("error", () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port: ours } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${ours}`, asked, stop: () => void server.close() };
}

async function forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  const body = chunks.length > 0 ? Buffer.concat(chunks) : null;
  const answer = await fetch(request.url!, { method: request.method!, headers, body });
  for (const name of ["etag", "content-type"]) response.setHeader(name, answer.headers.get(name) ?? "");
  response.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
}
