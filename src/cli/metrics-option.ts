import { NotParsed, Refused } from "../system/errors.ts";
import { replaceableName } from "../system/replaced-file.ts";
import { anyName, option } from "./options.ts";

/** Where those who watch many hosts read how this one does. */
export const metricsOption = option(
  "--metrics <file>",
  "write metrics to this file every 15s, for Prometheus' textfile collector",
  parseReplaceable,
);

function parseReplaceable(path: string): string {
  anyName(path);
  try {
    replaceableName(path);
  } catch (error) {
    if (error instanceof Refused) throw new NotParsed(`must be a file or a new name: ${error.message}`);
    // Whatever else there is may be over when the file is written; that tries again, and warns.
  }
  return path;
}
