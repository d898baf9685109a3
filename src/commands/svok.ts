import { probeDirectory, probeSupervise } from "../supervise/status.ts";
import { errnoName } from "../system/errno.ts";
import { reasonOf } from "../system/errors.ts";
import { printLine, printMessage } from "../system/message.ts";

/** `svok dir`: exit code 0 if supervise runs there, 100 if not, 111 if that cannot be found out. */
export async function svok(args: string[]): Promise<number> {
  const directory = args[0];
  if (directory === undefined) {
    printLine("svok: usage: svok dir");
    return 100;
  }
  let attempt = `chdir to ${directory}`;
  try {
    probeDirectory(directory);
    attempt = `open ${directory}/supervise/ok`;
    probeSupervise(directory);
    return 0;
  } catch (error) {
    const name = errnoName(error);
    if (attempt.startsWith("open") && (name === "ENOENT" || name === "ENXIO")) return 100;
    printMessage("svok", "fatal", `unable to ${attempt}: ${reasonOf(error)}`);
    return 111;
  }
}
