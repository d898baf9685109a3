#!/bin/sh
# How many connections @aws-sdk/client-s3 opens for PUTs that follow each other, small ones and large ones.
# One would expect: one, kept alive, whatever the size of the body.
# What happens: from 2 MiB on a request has `Expect: 100-continue`, and every such request gets a connection of its own, with
# `connection: close`: over TLS each piece of 8 MiB pays a whole handshake. `expectContinueHeader: false` keeps the one connection.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund @aws-sdk/client-s3@3.1173.0 >/dev/null 2>&1
cat >put.mjs <<'JS'
import { createServer } from "node:http";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
let connections = 0;
const server = createServer((request, response) => request.resume().on("end", () => response.end()));
server.on("connection", () => connections++);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const endpoint = `http://127.0.0.1:${server.address().port}`;
async function connectionsOf(bytes, settings = {}) {
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const s3 = new S3Client({ endpoint, region: "us-east-1", forcePathStyle: true, credentials, ...settings });
  connections = 0;
  for (let n = 0; n < 5; n++) await s3.send(new PutObjectCommand({ Bucket: "b", Key: `k${n}`, Body: Buffer.alloc(bytes) }));
  s3.destroy();
  return connections;
}
const seen = [await connectionsOf(2 ** 21 - 1), await connectionsOf(2 ** 21), await connectionsOf(2 ** 21, { expectContinueHeader: false })];
console.log(`@aws-sdk/client-s3 3.1173.0, Node.js ${process.version}: connections for five PUTs, one after the other`);
console.log(`of 2 MiB less a byte: ${seen[0]}; of 2 MiB: ${seen[1]}; of 2 MiB with expectContinueHeader false: ${seen[2]}`);
server.close();
process.exitCode = `${seen}` === "1,5,1" ? 0 : 1;
JS
node --no-warnings put.mjs
