import { join } from "node:path";
import { executable } from "../support/logship.ts";
import { INSTALL, peer } from "./peer.ts";
import { type Stage, sentTo } from "./stage.ts";
import type { Rows, Work } from "./table.ts";

const MEGABYTES = 300;

/** `ship` beside the program that people ship logs with: a whole log, from its beginning to its end. */
export const shippers: Rows = { "ship 300 MB in pieces of 8 MB, http": wholeLog };

async function wholeLog(stage: Stage): Promise<Work> {
  const log = stage.lines(MEGABYTES, 200);
  const endpoint = await stage.startServer("http");
  const [state, buffers] = [join(stage.directory, "state"), join(stage.directory, "buffers")];
  const anew = ["sh", "-c", 'rm -rf "$0" && mkdir "$0" && exec "$@"'];
  const ship = [executable, "ship", "--once", "--piece-bytes", "8M", "--to", "s3://bucket", "--state", state];
  return {
    amount: MEGABYTES,
    unit: "MB/s",
    env: stage.environment(endpoint),
    contenders: [
      { name: "logship ship", command: [...anew, state, ...ship, log] },
      peer("fluent-bit", fluentBit(log, endpoint, buffers), INSTALL.fluentBit, {}, (command) => [
        ...anew,
        buffers,
        ...command,
      ]),
    ],
    async check(name) {
      const { bytes } = await sentTo(endpoint);
      if (bytes !== MEGABYTES * 1_000_000) throw new Error(`${name} stored ${bytes} bytes`);
    },
  };
}

/** in_tail and out_s3, which ends with its file and stores the lines as they are. */
function fluentBit(log: string, endpoint: string, buffers: string): string[] {
  const tail = [
    `path=${log}`,
    "read_from_head=on",
    "exit_on_eof=on",
    "buffer_chunk_size=1M",
    "buffer_max_size=4M",
  ];
  const s3 = [
    ...["bucket=bucket", "region=us-east-1", `endpoint=${endpoint}`, "tls=off", "log_key=log"],
    ...["total_file_size=8M", "use_put_object=on", `store_dir=${buffers}`],
  ];
  const properties = (pairs: readonly string[]) => pairs.flatMap((pair) => ["-p", pair]);
  return ["-q", "-f", "1", "-i", "tail", ...properties(tail), "-o", "s3", "-m", "*", ...properties(s3)];
}
