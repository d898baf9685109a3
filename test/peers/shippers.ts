import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { executable } from "../support/logship.ts";

/** Where one shipper works in one row. */
export interface Place {
  readonly directory: string;
  /** The path of the log as the shipper is told it. */
  readonly log: string;
  /** Where it puts lines, if not to a server. */
  readonly out: string;
  /** Of the server that it stores to; undefined if it stores into files. */
  readonly port: number | undefined;
}

/** A program that ships logs. */
export interface Shipper {
  readonly name: string;
  /** What is looked for in the directory that PEERS names, and then in PATH. */
  readonly program: string;
  readonly install: string;
  readonly versionArgs: readonly string[];
  /** What was set beyond the defaults, as a reader may repeat it. */
  readonly settings: string;
  /** Writes its configuration. @returns arguments and environment */
  configure(place: Place): { readonly args: string[]; readonly env?: Record<string, string> };
}

const KEYS = { AWS_ACCESS_KEY_ID: "peers", AWS_SECRET_ACCESS_KEY: "peers", AWS_REGION: "us-east-1" };

function written({ directory }: Place, name: string, text: string): string {
  const path = join(directory, name);
  writeFileSync(path, text);
  return path;
}

const logship: Shipper = {
  name: "logship ship",
  program: executable,
  install: "npm run build",
  versionArgs: ["--version"],
  settings: "`--max-age 1s`",
  configure({ directory, log, out, port }) {
    const to = port === undefined ? `file://${out}` : "s3://peers";
    const endpoint = { AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`, ...KEYS };
    const args = ["ship", log, "--to", to, "--state", join(directory, "state"), "--max-age", "1s", "--quiet"];
    return { args, env: port === undefined ? {} : endpoint };
  },
};

const rsyslog: Shipper = {
  name: "rsyslog imfile",
  program: "rsyslogd",
  install: "apt-get install rsyslog rsyslog-elasticsearch",
  versionArgs: ["-v"],
  settings:
    '`persistStateInterval="1"`, `persistStateAfterSubmission="on"`, `reopenOnTruncate="on"`, `freshStartTail="off"`; a ruleset with `queue.type="Disk"`, `queue.checkpointInterval="1"`, `queue.saveOnShutdown="on"`; `action.resumeRetryCount="-1"`; to files by omfile, to a server by omelasticsearch with `bulkmode="on"`',
  configure(place) {
    const { directory, log, out, port } = place;
    const work = join(directory, "work");
    mkdirSync(work, { recursive: true });
    const action =
      port === undefined
        ? `action(type="omfile" file="${out}/lines" template="raw" action.resumeRetryCount="-1")`
        : `action(type="omelasticsearch" server="http://127.0.0.1" serverport="${port}" searchIndex="peers" searchType="" template="es" bulkmode="on" action.resumeRetryCount="-1" action.resumeInterval="1")`;
    const config = written(
      place,
      "rsyslog.conf",
      `global(workDirectory="${work}")
module(load="imfile" mode="inotify")
${port === undefined ? "" : 'module(load="omelasticsearch")'}
template(name="raw" type="string" string="%msg%\\n")
template(name="es" type="list" option.jsonf="on") { property(outname="message" name="msg" format="jsonf") }
ruleset(name="out" queue.type="Disk" queue.filename="queue" queue.checkpointInterval="1" queue.saveOnShutdown="on" queue.timeoutEnqueue="-1") {
  ${action}
}
input(type="imfile" file="${log}" tag="peers" ruleset="out" persistStateInterval="1" persistStateAfterSubmission="on" reopenOnTruncate="on" freshStartTail="off")
`,
    );
    return { args: ["-n", "-f", config, "-i", join(directory, "pid")] };
  },
};

const syslogNg: Shipper = {
  name: "syslog-ng",
  program: "syslog-ng",
  install: "apt-get install syslog-ng-core syslog-ng-mod-http",
  versionArgs: ["--version"],
  settings:
    "`wildcard-file()` with `follow-freq(1)` and `flags(no-parse)`, the log path with `flags(flow-control)`; to files by `file()`, to a server by `http()` with `disk-buffer(reliable(yes))` and `retries(1000)`",
  configure(place) {
    const { directory, log, out, port } = place;
    const [, base, name] = /^(.*)\/([^/]*)$/.exec(log)!;
    const destination =
      port === undefined
        ? `file("${out}/lines" template("\${MESSAGE}\\n"));`
        : `http(url("http://127.0.0.1:${port}/") method("POST") body("\${MESSAGE}") delimiter("\\n") batch-lines(100) batch-timeout(500) retries(1000) time-reopen(1)
    disk-buffer(reliable(yes) disk-buf-size(20000000) mem-buf-size(1000000) dir("${directory}")));`;
    const config = written(
      place,
      "syslog-ng.conf",
      `@version: 3.38
source s { wildcard-file(base-dir("${base}") filename-pattern("${name}") recursive(no) follow-freq(1) flags(no-parse)); };
destination d { ${destination} };
log { source(s); destination(d); flags(flow-control); };
`,
    );
    const files = ["persist", "pid", "control"].map((file) => join(directory, file));
    const args = ["-F", "--no-caps", "-f", config, "-R", files[0]!, "-p", files[1]!, "-c", files[2]!];
    return { args };
  },
};

const fluentBit: Shipper = {
  name: "Fluent Bit",
  program: "fluent-bit",
  install: "built of its public source, with in_tail, out_file and out_s3",
  versionArgs: ["--version"],
  settings:
    "`storage.type filesystem`, `storage.sync full`, `DB` with `DB.sync full`, `Read_from_Head true`, `Refresh_Interval 1`, `Retry_Limit no_limits`; to files by out_file, to a server by out_s3 with `use_put_object On`, `upload_timeout 1s`",
  configure(place) {
    const { directory, log, out, port } = place;
    const output =
      port === undefined
        ? `  Name file\n  Path ${out}\n  File lines\n  Format template\n  Template {log}`
        : `  Name s3\n  bucket peers\n  region us-east-1\n  endpoint http://127.0.0.1:${port}\n  store_dir ${directory}/s3\n  use_put_object On\n  total_file_size 1M\n  upload_timeout 1s\n  log_key log\n  s3_key_format /peers/%Y%m%d%H%M%S-$UUID`;
    const config = written(
      place,
      "fluent-bit.conf",
      `[SERVICE]
  Flush 1
  Log_Level warn
  storage.path ${directory}/storage
  storage.sync full
[INPUT]
  Name tail
  Path ${log}
  Tag peers
  DB ${directory}/tail.db
  DB.sync full
  storage.type filesystem
  Read_from_Head true
  Refresh_Interval 1
[OUTPUT]
${output}
  Match *
  Retry_Limit no_limits
`,
    );
    return { args: ["-c", config], env: KEYS };
  },
};

export const SHIPPERS: readonly Shipper[] = [logship, rsyslog, syslogNg, fluentBit];
