import { accessSync, constants, existsSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Destination, DestinationError, PLAIN } from "../destination/destination.ts";
import type { ObjectReader } from "../destination/reader.ts";
import { reasonOf } from "../system/errors.ts";
import { shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";
import { TEST_CONTENT, testName } from "./test-object.ts";

const CHECK = "directory";

export interface DirectoryLook {
  readonly path: string;
  readonly destination: Destination;
  readonly reader: ObjectReader;
  /** Uploads make the directory when it is missing. */
  readonly mayCreate: boolean;
}

/** Whether a directory as destination is there and takes files. */
export async function checkDirectory(look: DirectoryLook, signal: AbortSignal): Promise<Finding[]> {
  const { path, destination, reader, mayCreate } = look;
  const make = shell`mkdir -p ${path}`;
  if (!existsSync(path)) {
    if (!mayCreate) return [failed(CHECK, `${path} does not exist`, make)];
    const problem = whyNotMade(dirname(path));
    if (problem !== undefined)
      return [
        failed(
          CHECK,
          `${path} does not exist and cannot be made: ${problem}`,
          shell`sudo install -d -o $(id -u) ${path}`,
        ),
      ];
    return [warning(CHECK, `${path} is not there yet; the first upload makes it`, make)];
  }
  const name = testName();
  try {
    await destination.put({ key: name, content: TEST_CONTENT, contentType: PLAIN }, signal);
    const read = await reader.read(name, 0, TEST_CONTENT.length, signal);
    unlinkSync(fileURLToPath(destination.locate(name)));
    if (!read || !TEST_CONTENT.equals(read.bytes))
      return [failed(CHECK, `${path} does not keep what is stored`, shell`df ${path}`)];
  } catch (error) {
    const reason = error instanceof DestinationError ? error.reason : reasonOf(error);
    return [failed(CHECK, `unable to store a test file in ${path}: ${reason}`, shell`ls -ld ${path}`)];
  }
  return [ok(CHECK, `${path} takes files`)];
}

function whyNotMade(parent: string): string | undefined {
  if (!existsSync(parent)) return whyNotMade(dirname(parent));
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `${reasonOf(error)} in ${parent}`;
  }
}
