import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

/** A header that a server holds a body against, and what it has to be. */
const SUMS = {
  "x-amz-checksum-crc32": (body: Buffer) => {
    const checksum = Buffer.alloc(4);
    checksum.writeUInt32BE(crc32(body));
    return checksum.toString("base64");
  },
  "content-md5": (body: Buffer) => createHash("md5").update(body).digest("base64"),
};

/**
 * What AWS does with the CRC32 of a body, which no other server here does, or what `rclone serve s3` does with its MD5: that
 * header is verified and nothing else.
 */
export function startCheckingServer(header: keyof typeof SUMS = "x-amz-checksum-crc32") {
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
      if (request.headers.get(header) !== SUMS[header](body))
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
