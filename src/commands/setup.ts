import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import setupOptions from "../../install/options.txt" with { type: "text" };
import { defineCommand } from "../cli/command.ts";
import { COMPLETIONS } from "../completion/scripts.ts";
import { DAEMONTOOLS, isEmbedded, MAN_PAGES, unpackEmbedded } from "../setup/embedded.ts";
import { setUp } from "../setup/setup.ts";
import { unableTo } from "../system/errors.ts";
import { printText } from "../system/output.ts";

const PROGRAM_MODE = 0o755;
const PAGE_MODE = 0o644;
const MAN_DIRECTORY = "/usr/local/share/man/man1";

export const setup = defineCommand({
  positional: "[option...]",
  options: {},
  isRaw: true,
  examples: ["sudo ./logship setup --bucket my-logs --region eu-west-1", "sudo ./logship setup --dry-run"],
  terms: { title: "Options", rows: rowsOf(setupOptions) },
  async run(_options, args, { environment }) {
    if (args[0] === "--unpack-daemontools" && args.length === 2) return unpackDaemontools(args[1]!);
    if (args[0] === "--unpack-pages" && args.length === 2) return unpackPages(args[1]!);
    if (args.includes("-h")) {
      printText(`usage: logship setup [option...]\n\n${setupOptions}`);
      return 0;
    }
    return setUp(args, environment);
  },
});

/** Of install/options.txt, which setup.sh shows as it is: a meaning may go on in lines below it. */
function rowsOf(text: string): [term: string, meaning: string][] {
  const rows: [string, string][] = [];
  for (const line of text.trimEnd().split("\n")) {
    const [, term, meaning] = /^ {2}(\S.*?) {2,}(.*)$/.exec(line) ?? [];
    if (term !== undefined && meaning !== undefined) rows.push([term, meaning]);
    else rows.at(-1)![1] += ` ${line.trim()}`;
  }
  return rows;
}

/**
 * What setup.sh calls for the man pages and the completion of the shells: below the directory each lies where it belongs
 * on the host.
 */
function unpackPages(directory: string): number {
  try {
    unpackEmbedded(MAN_PAGES, join(directory, MAN_DIRECTORY), PAGE_MODE);
    for (const { path, script } of Object.values(COMPLETIONS)) {
      mkdirSync(dirname(join(directory, path)), { recursive: true });
      writeFileSync(join(directory, path), script, { mode: PAGE_MODE });
    }
  } catch (error) {
    throw unableTo("unpack the man pages into", directory, error);
  }
  return 0;
}

/** What setup.sh calls when it is the turn of daemontools. */
function unpackDaemontools(directory: string): number {
  if (!isEmbedded(DAEMONTOOLS)) throw unableTo("unpack", "daemontools", "this logship was built without it");
  try {
    unpackEmbedded(DAEMONTOOLS, directory, PROGRAM_MODE);
  } catch (error) {
    throw unableTo("unpack daemontools into", directory, error);
  }
  return 0;
}
