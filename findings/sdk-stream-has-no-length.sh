#!/bin/sh
# How @aws-sdk/client-s3 sends a stream whose length it was told.
# One would expect: `content-length` of what was given as ContentLength, as for the same bytes in a buffer.
# What happens: the length goes into `x-amz-decoded-content-length`, the body into `aws-chunked` framing with a checksum behind
# it, and the request is sent with `transfer-encoding: chunked` and no length at all, which servers and proxies that want a length
# refuse. `requestChecksumCalculation: "WHEN_REQUIRED"` brings `content-length` back, and loses the checksum.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund @aws-sdk/client-s3@3.1173.0 >/dev/null 2>&1
cat >put.mjs <<'JS'
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
const requests = [];
const server = createServer((request, response) => {
  let size = 0;
  request.on("data", (bytes) => { size += bytes.length; });
  request.on("end", () => { requests.push({ ...request.headers, size }); response.end(); });
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const settings = { endpoint: `http://127.0.0.1:${server.address().port}`, region: "us-east-1", forcePathStyle: true };
settings.credentials = { accessKeyId: "a", secretAccessKey: "b" };
const put = (Body, more) => new S3Client({ ...settings, ...more }).send(new PutObjectCommand({ Bucket: "b", Key: "k", Body, ContentLength: 6 }));
await put(Buffer.from("hello\n"));
await put(Readable.from([Buffer.from("hello\n")]));
await put(Readable.from([Buffer.from("hello\n")]), { requestChecksumCalculation: "WHEN_REQUIRED" });
console.log(`@aws-sdk/client-s3 3.1173.0, Node.js ${process.version}: six bytes, ContentLength 6`);
const names = ["content-length", "transfer-encoding", "x-amz-decoded-content-length", "x-amz-checksum-crc32", "size"];
const seen = requests.map((headers) => names.map((name) => headers[name] ?? "-").join(" "));
console.log(names.join(" "));
for (const [index, kind] of ["buffer", "stream", "stream, when required"].entries()) console.log(`${kind}: ${seen[index]}`);
server.close();
const isSo = seen[0]?.startsWith("6 - - ") && seen[1]?.startsWith("- chunked 6 - ") && seen[2]?.startsWith("6 - - - 6");
process.exitCode = isSo ? 0 : 1;
JS
node --no-warnings put.mjs
