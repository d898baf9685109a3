#!/bin/sh
# What the S3 stand-in s3rver makes of a listing, whole and in pages, and of If-None-Match.
# One would expect: keys in the order of their bytes, as S3 promises for ListObjectsV2 ("d" before "d-e" before "d/e"); pages of
# one key with a token that leads on; and 412 for a PUT with `If-None-Match: *` of a key that is there.
# What happens: what is below "d/" comes first and "d" itself last, as a walk through directories gives them; a listing that does
# not fit into one page fails with 500 where Node.js has OpenSSL 3 (17 and later; the token is made with a cipher that it has
# no more), so that nobody meets more than 1000 keys; and the second PUT replaces the object with 200.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund s3rver@3.7.1 @aws-sdk/client-s3@3.1173.0 >/dev/null 2>&1
cat >list.mjs <<'JS'
import S3rver from "s3rver";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
const server = new S3rver({ port: 0, address: "127.0.0.1", silent: true, directory: "objects", configureBuckets: [{ name: "b", configs: [] }] });
const { port } = await server.run();
const credentials = { accessKeyId: "S3RVER", secretAccessKey: "S3RVER" };
const s3 = new S3Client({ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", forcePathStyle: true, credentials });
const put = (Key, Body, more) => s3.send(new PutObjectCommand({ Bucket: "b", Key, Body, ...more }));
const list = (more) => s3.send(new ListObjectsV2Command({ Bucket: "b", ...more }));
for (const key of ["d", "d-e", "d/e", "d/f"]) await put(key, "x");
const keysOf = ({ Contents = [] }) => Contents.map(({ Key }) => Key).join(" ");
const all = keysOf(await list());
const page = await list({ MaxKeys: 1 }).then(keysOf, ({ $metadata, name }) => `${$metadata.httpStatusCode} ${name}`);
await put("d", "y", { IfNoneMatch: "*" });
const { Body } = await s3.send(new GetObjectCommand({ Bucket: "b", Key: "d" }));
const content = await Body.transformToString();
console.log(`s3rver 3.7.1, Node.js ${process.version}`);
console.log("expected: d d-e d/e d/f; listed:", all);
console.log("expected of a page of one: d; answered:", page);
console.log("expected after a PUT with If-None-Match: x; stored:", content);
await server.close();
process.exitCode = `${all}, ${page}, ${content}` === process.argv[2] ? 0 : 1;
JS
node --no-warnings list.mjs 'd/e d/f d-e d, 500 InternalError, y'
