import { expect, test } from "bun:test";
import { closeSync, lchownSync, linkSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostFiles } from "../../src/system/files.ts";
import { isRoot } from "../support/needs.ts";
import { temporaryDirectory } from "../support/run-directory.ts";

/** A file, and a link to it that another account has made. */
function linked(): { target: string; link: string } {
  const directory = temporaryDirectory("files");
  const [target, link] = [join(directory, "target"), join(directory, "link")];
  writeFileSync(target, "precious\n", { mode: 0o600 });
  symlinkSync(target, link);
  return { target, link };
}

const CALLS: Record<string, (path: string) => void> = {
  openToRead: (path) => closeSync(hostFiles.openToRead(path)),
  openToAppend: (path) => closeSync(hostFiles.openToAppend(path, 0o600)),
  openEmpty: (path) => closeSync(hostFiles.openEmpty(path, 0o600)),
  openToWrite: (path) => closeSync(hostFiles.openToWrite(path)),
  setModeOf: (path) => hostFiles.setModeOf(path, 0o744),
};

test.skipIf(!isRoot())("no file of the log writer is opened through a link of another account", () => {
  for (const call of Object.values(CALLS)) {
    const { target, link } = linked();
    lchownSync(link, 65534, 65534);
    expect(() => call(link)).toThrow("a symbolic link of another account (uid 65534)");
    expect(readFileSync(target, "utf8")).toBe("precious\n");
    expect(statSync(target).mode & 0o777).toBe(0o600);
  }
});

test("a link of one's own is followed", () => {
  for (const [name, call] of Object.entries(CALLS)) {
    const { target, link } = linked();
    call(link);
    expect(readFileSync(target, "utf8")).toBe(name === "openEmpty" ? "" : "precious\n");
    expect(statSync(target).mode & 0o777).toBe(name === "setModeOf" ? 0o744 : 0o600);
  }
});

test.each([0, 10, 5000, 70_000])(
  "a file of %d bytes, as a writer that was killed has left it, is filled up to all that is mapped",
  (sizeBytes) => {
    const path = join(temporaryDirectory("files"), "mapped");
    writeFileSync(path, "a".repeat(sizeBytes));
    const memory = Buffer.from(hostFiles.openMapped(path, 100_000, 0o600));
    expect(statSync(path).size).toBe(100_000);
    expect(memory.toString("latin1")).toBe("a".repeat(sizeBytes) + "\0".repeat(100_000 - sizeBytes));
  },
);

test("a file that has another name is not mapped, because what is stored there would be stored in that", () => {
  const { target, link } = linked();
  linkSync(target, `${link}-too`);
  expect(() => hostFiles.openMapped(`${link}-too`, 100_000, 0o600)).toThrow();
  expect(readFileSync(target, "utf8")).toBe("precious\n");
});
