import { crc32 } from "node:zlib";

/** What AWS does with the checksum of a body, which no other server here does: it verifies the CRC32 and keeps it. */
export function startCheckingServer() {
  const stored = new Map<string, Buffer>();
  const parts = new Map<string, Buffer[]>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const name = `${request.headers.get("host")}${pathname}`;
      const body = Buffer.from(await request.arrayBuffer());
      if (request.method === "POST" && searchParams.has("uploads")) {
        parts.set(name, []);
        return xml(
          200,
          "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
        );
      }
      if (request.method === "POST") {
        stored.set(name, Buffer.concat(parts.get(name) ?? []));
        return xml(200, "<CompleteMultipartUploadResult><ETag>whole</ETag></CompleteMultipartUploadResult>");
      }
      const checksum = Buffer.alloc(4);
      checksum.writeUInt32BE(crc32(body));
      if (request.headers.get("x-amz-checksum-crc32") !== checksum.toString("base64"))
        return xml(400, "<Error><Code>BadDigest</Code></Error>");
      const part = searchParams.get("partNumber");
      if (part === null) stored.set(name, body);
      else parts.get(name)![Number(part) - 1] = body;
      return new Response("", { headers: { ETag: '"checked"' } });
    },
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    /** By host and path: `bucket.s3.us-east-1.amazonaws.com/key`. */
    stored,
    stop: () => void server.stop(true),
  };
}

function xml(status: number, text: string): Response {
  return new Response(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`, { status });
}
