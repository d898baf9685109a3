/**
 * `bun test/bench/s3-server.ts [KEY.pem CERTIFICATE.pem]`: the S3 server of the bench, a process of its own. It reads
 * bodies and forgets them, and answers at once, so that the client is what is measured. It knows the requests that
 * logship, s5cmd, rclone, s3cmd and the AWS CLI make to upload; it checks nothing.
 *
 * Prints the port it listens on. `GET /.counts` tells how many objects and bytes have come, and begins anew.
 */
import { readFileSync } from "node:fs";
import { RequestFramer, type RequestHead } from "../support/request-framer.ts";

const [key, certificate] = process.argv.slice(2);
const tls = key && certificate ? { key: readFileSync(key), cert: readFileSync(certificate) } : undefined;
const sizes = new Map<string, number>();
let counts = { objects: 0, bytes: 0 };

interface Client {
  readonly framer: RequestFramer;
}

const server = Bun.listen<Client>({
  hostname: "127.0.0.1",
  port: 0,
  ...(tls && { tls }),
  socket: {
    open(socket) {
      let head: RequestHead;
      let bodyBytes = 0;
      socket.data = {
        framer: new RequestFramer({
          head(given) {
            head = given;
            bodyBytes = 0;
            if (/100-continue/i.test(given.headers.expect ?? ""))
              socket.write("HTTP/1.1 100 Continue\r\n\r\n");
          },
          body(bytes) {
            bodyBytes += bytes.length;
          },
          end: () => void socket.write(answerTo(head, bodyBytes)),
        }),
      };
    },
    data: (socket, bytes) => socket.data.framer.push(bytes),
    error() {},
  },
});
process.stdout.write(`${server.port}\n`);

function answerTo({ method, path, headers }: RequestHead, bodyBytes: number): string {
  const [name = "", query = ""] = path.split("?");
  if (method === "PUT" && name.split("/").length > 2) {
    counts.bytes += Number(headers["x-amz-decoded-content-length"] ?? bodyBytes);
    if (!query.includes("uploadId=")) stored(name, bodyBytes);
    return answer(200, "", { ETag: '"swallowed-1"' });
  }
  if (method === "POST" && query.startsWith("uploads")) return answer(200, began(name));
  if (method === "POST" && query.includes("uploadId=")) {
    stored(name, 0);
    return answer(200, completed(name));
  }
  if (path === "/.counts") {
    const told = JSON.stringify(counts);
    counts = { objects: 0, bytes: 0 };
    return answer(200, told);
  }
  if (method === "HEAD" && name.split("/").filter(Boolean).length > 1) {
    const size = sizes.get(name);
    return size === undefined ? head(404, 0) : head(200, size);
  }
  if (method === "HEAD") return head(200, 0);
  if (query.includes("location")) return answer(200, "<LocationConstraint>us-east-1</LocationConstraint>");
  if (method === "GET") return answer(200, emptyListing(name));
  return answer(method === "DELETE" ? 204 : 200, "");
}

function stored(name: string, sizeBytes: number): void {
  counts.objects++;
  sizes.set(name, sizeBytes);
}

function emptyListing(name: string): string {
  return `<ListBucketResult><Name>${name.split("/")[1]}</Name><IsTruncated>false</IsTruncated></ListBucketResult>`;
}

function began(name: string): string {
  const [, bucket, ...rest] = name.split("/");
  return `<InitiateMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${rest.join("/")}</Key><UploadId>1</UploadId></InitiateMultipartUploadResult>`;
}

function completed(name: string): string {
  const [, bucket, ...rest] = name.split("/");
  return `<CompleteMultipartUploadResult><Bucket>${bucket}</Bucket><Key>${rest.join("/")}</Key><ETag>"swallowed-2"</ETag></CompleteMultipartUploadResult>`;
}

function answer(status: number, body: string, headers: Record<string, string> = {}): string {
  return `${head(status, Buffer.byteLength(body), headers)}${body}`;
}

function head(
  status: number,
  length: number,
  headers: Record<string, string> = { ETag: '"swallowed-1"' },
): string {
  const lines = Object.entries({ ...headers, "Content-Length": length, Date: new Date().toUTCString() });
  const modified = "Last-Modified: Thu, 12 Jan 2017 14:36:56 GMT\r\n";
  return `HTTP/1.1 ${status} OK\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}${modified}\r\n`;
}
