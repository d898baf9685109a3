import { defineCommand } from "../cli/command.ts";
import { formatOption } from "../cli/generate-options.ts";
import { option, optionOr } from "../cli/options.ts";
import { Progress } from "../cli/progress.ts";
import { quietOption } from "../cli/quiet-option.ts";
import { suffixes } from "../contract/suffixes.ts";
import { splitInput } from "../pieces/split-input.ts";
import { openInput } from "../system/input.ts";
import { parseSize, wholeNumber } from "../system/quantity.ts";
import { sizeText } from "../system/quantity-text.ts";

const DEFAULT_RECORDS = 1000;

export const split = defineCommand({
  positional: "[file] [prefix]",
  options: {
    bytes: option("-C, --bytes <size>", "largest piece, unless one record is larger", parseSize),
    records: option(
      "-l, --records <n>",
      `most records in a piece; ${DEFAULT_RECORDS} without --bytes`,
      wholeNumber(1),
    ),
    format: formatOption,
    suffixLength: optionOr(
      "-a, --suffix-length <n>",
      "letters of a suffix; 0: as needed, aa to yz, zaaa to zyzz, …",
      wholeNumber(0, 100),
      "0",
    ),
    quiet: quietOption,
  },
  examples: [
    "logship split --bytes 2M access.log access.log.",
    "logship generate --records 20000 | logship split --records 5000 - part-",
  ],
  notes: `Splits FILE (default, or with -: standard input) into PREFIXaa, PREFIXab, … (default prefix: x).
Pieces hold whole records: lines, or with --format script the lines from { to }.
Records may be of any size; at most 16M of one are held in memory.
A piece is .NAME.tmp until it is complete, and then replaces what had its name.`,
  async run({ bytes, records, format, suffixLength, quiet }, [file = "-", prefix = "x"], host) {
    const limits = {
      ...(bytes === undefined ? {} : { bytes }),
      ...(records === undefined && bytes !== undefined ? {} : { records: records ?? DEFAULT_RECORDS }),
      recordEnd: format === "script" ? "script" : "line",
    } as const;
    const names = suffixes(suffixLength).map((suffix) => prefix + suffix);
    const progress = new Progress(quiet, host);
    const input = openInput(file);
    const count = { bytes: 0, total: input.sizeBytes };
    progress.show("split", () => advanceOf(count));
    try {
      await splitInput(input, file, limits, names, (bytes) => {
        count.bytes += bytes;
      });
      progress.finish();
    } finally {
      progress.end();
      input.close();
    }
    return 0;
  },
});

function advanceOf({ bytes, total }: { readonly bytes: number; readonly total: number | undefined }) {
  const sum = sizeText(bytes);
  return { text: total === undefined ? sum : `${sum} of ${sizeText(total)}`, sum, bytes, done: bytes, total };
}
