import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { formatState, type SourceState } from "../../src/ship/state.ts";
import { type Process, type Result, run, type Settings, start } from "./logship.ts";
import { temporaryDirectory } from "./run-directory.ts";
import { until } from "./until.ts";

/** A place to ship to and to remember in, and what has arrived there. */
export class Shipment {
  readonly directory = temporaryDirectory("ship");
  readonly bucket = join(this.directory, "bucket");
  readonly state = join(this.directory, "state");

  path(name: string): string {
    return join(this.directory, name);
  }

  args(sources: readonly string[], ...options: string[]): string[] {
    const common = [
      "--to",
      `file://${this.bucket}`,
      "--state",
      this.state,
      "--host",
      "h",
      "--max-age",
      "100ms",
    ];
    return ["ship", ...common, ...options, ...sources];
  }

  /** Ships what is there and ends. */
  once(sources: readonly string[], ...options: string[]): Promise<Result> {
    return run(this.args(sources, "--once", ...options));
  }

  start(sources: readonly string[], options: readonly string[] = [], settings?: Settings): Process {
    return start(this.args(sources, ...options), settings);
  }

  /** Keys in the order of their names. */
  get keys(): string[] {
    if (!existsSync(this.bucket)) return [];
    const entries = readdirSync(this.bucket, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && !entry.name.endsWith(".tmp"));
    return files.map(({ parentPath, name }) => join(parentPath, name).slice(this.bucket.length + 1)).sort();
  }

  /** All that has arrived, in the order of the keys. */
  get text(): string {
    const contents = this.keys.map((key) => {
      const content = readFileSync(join(this.bucket, key));
      return key.endsWith(".gz") ? gunzipSync(content) : content;
    });
    return Buffer.concat(contents).toString();
  }

  arrives(text: string, limitMs?: number): Promise<unknown> {
    return until(`the arrival of ${text.slice(0, 100)}`, () => this.text === text, limitMs);
  }

  /** The one state file there is, parsed. */
  get stateFile(): { path: string; state: Record<string, unknown> } {
    const [name] = readdirSync(this.state).filter((file) => file.endsWith(".json"));
    const path = join(this.state, name!);
    return { path, state: JSON.parse(readFileSync(path, "utf8")).state };
  }

  /** The path of the state file that has this in its name. */
  stateNamed(text: string): string {
    return join(
      this.state,
      readdirSync(this.state).find((name) => name.includes(text) && name.endsWith(".json"))!,
    );
  }

  /** The text of all state files. */
  get savedState(): string {
    if (!existsSync(this.state)) return "";
    const names = readdirSync(this.state).filter((file) => file.endsWith(".json"));
    return names.map((name) => readFileSync(join(this.state, name), "utf8")).join("");
  }

  /** As if it had been written otherwise. */
  rewriteState(change: (state: SourceState) => SourceState): void {
    const { path, state } = this.stateFile;
    writeFileSync(path, formatState(change(state as unknown as SourceState)));
  }
}

/** Lines that say which they are: `<what> 1`, `<what> 2`, … */
export function linesOf(what: string, count: number): string {
  return Array.from({ length: count }, (_, index) => `${what} ${index + 1}\n`).join("");
}
