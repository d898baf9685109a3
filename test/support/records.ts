import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "./run-directory.ts";

/** A record that exists only once: `{"id":"000042"}` with a filling up to the size. */
export function numberedRecord(id: number, sizeBytes = 100): string {
  const text = `{"id":"${String(id).padStart(8, "0")}","filling":"`;
  return `${text}${"x".repeat(Math.max(0, sizeBytes - text.length - 3))}"}\n`;
}

/** A directory `access` of numbered files, with numbered records that are all different. */
export function directoryOfRecords({ files, recordsPerFile }: { files: number; recordsPerFile: number }): {
  path: string;
  contents: Map<string, Buffer>;
} {
  const path = join(temporaryDirectory("records"), "access");
  mkdirSync(path);
  const contents = new Map<string, Buffer>();
  for (let file = 0; file < files; file++) {
    const ids = Array.from({ length: recordsPerFile }, (_, record) => file * recordsPerFile + record);
    const content = Buffer.from(ids.map((id) => numberedRecord(id)).join(""));
    const name = `access.log.${String(file).padStart(4, "0")}`;
    writeFileSync(join(path, name), content);
    contents.set(`access/${name}`, content);
  }
  return { path, contents };
}

/** Short proof of what a content is, so that a failing comparison stays readable. */
export function digest(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export function digests(contents: Map<string, Uint8Array>): Record<string, string> {
  return Object.fromEntries([...contents].map(([key, content]) => [key, digest(content)]));
}
