/**
 * `bun test/bench/verify.ts`: verify of 1 GB in pieces of 2 MB from a server on loopback, with and without the seed,
 * beside what has to be done at least: generating the same bytes, and reading them with curl.
 */
import { rmSync } from "node:fs";
import { crc32 } from "node:zlib";
import { executable } from "../support/logship.ts";
import { bucketInMemory, type ServedObject, startMemoryS3 } from "../support/memory-s3.ts";
import { runDirectory } from "../support/run-directory.ts";
import { environmentOf } from "../support/s3-server.ts";
import { measure, row } from "./measure.ts";

const FOLDER = "access.2017-01-12-14:36:56";

if (process.argv[2] === "serve") await serve(process.argv.slice(3));
else await bench();

/** A process of its own, so that the client is what is measured. */
async function serve(generate: string[]): Promise<void> {
  const text = Buffer.from(Bun.spawnSync([executable, ...generate], { maxBuffer: 2 ** 31 }).stdout);
  const objects: ServedObject[] = [];
  let firstRecord = 0;
  for (let from = 0; from < text.length; ) {
    const to = Math.min(text.length, text.lastIndexOf(10, from + 2 ** 21 - 1) + 1);
    const body = new Uint8Array(text.subarray(from, to));
    let records = 0;
    for (let at = body.indexOf(10); at >= 0; at = body.indexOf(10, at + 1)) records++;
    const place = objects.length;
    const suffix = String.fromCharCode(97 + Math.floor(place / 26), 97 + (place % 26));
    const metadata: Record<string, string> = {
      records: String(records),
      "first-record": String(firstRecord),
      bytes: String(body.length),
      crc32: crc32(body).toString(16).padStart(8, "0"),
      ...(to === text.length ? { last: "true" } : {}),
    };
    objects.push({ key: `${FOLDER}/${FOLDER}.log.${suffix}`, body, metadata });
    firstRecord += records;
    from = to;
  }
  const server = startMemoryS3(bucketInMemory(objects));
  process.stdout.write(
    `${JSON.stringify({ endpoint: server.endpoint, count: objects.length, bytes: text.length })}\n`,
  );
}

async function bench(): Promise<void> {
  for (const [format, records] of [
    ["json", 2_600_000],
    ["combined", 4_300_000],
  ] as const) {
    const seeded = ["--seed", "7", "--start", "2017-01-12T14:36:56Z", "--records", String(records)];
    const generate = ["generate", "--format", format, ...seeded];
    const server = Bun.spawn([process.execPath, import.meta.path, "serve", ...generate], { stdout: "pipe" });
    const { value } = await server.stdout.getReader().read();
    const { endpoint, count, bytes } = JSON.parse(Buffer.from(value!).toString());
    const env = environmentOf({ endpoint, region: "us-east-1", accessKeyId: "k", secretAccessKey: "s" });
    const folder = encodeURIComponent(FOLDER);
    const urls = `${endpoint}/b/${folder}/${folder}.log.`;
    const all = Array.from(
      { length: count },
      (_, place) => urls + String.fromCharCode(97 + Math.floor(place / 26), 97 + (place % 26)),
    );
    const curl = [
      "curl",
      "-s",
      "-Z",
      "--parallel-max",
      "4",
      ...all.flatMap((url) => ["-o", "/dev/null", url]),
    ];
    const runs: [string, string[]][] = [
      ["curl, 4 at a time", curl],
      ["logship generate", [executable, ...generate]],
      ["logship verify", [executable, "verify", "s3://bucket"]],
      ["logship verify --seed", [executable, "verify", "s3://bucket", ...seeded]],
    ];
    row(`${format}, ${(bytes / 1e9).toFixed(2)} GB`, "GB/s", "CPU s", "peak RSS MiB");
    for (const [name, command] of runs) {
      const { wallMs, cpuMs, peakMiB } = await measure(command, env);
      row(name, (bytes / 1e6 / wallMs).toFixed(2), (cpuMs / 1000).toFixed(2), peakMiB.toFixed(0));
    }
    server.kill();
    await server.exited;
  }
  rmSync(runDirectory, { recursive: true, force: true });
}
