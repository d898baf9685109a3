import { suffixes } from "../pieces/names.ts";
import { pieceDirectory } from "../pieces/piece-directory.ts";
import { splitIntoFiles } from "../pieces/piece-files.ts";
import { readInput } from "../system/input.ts";
import { parseSize, wholeNumber } from "../system/quantity.ts";
import { defineCommand } from "./command.ts";
import { formatOption } from "./generate-options.ts";
import { option, optionOr } from "./options.ts";

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
  },
  examples: [
    "logship split --bytes 2M access.log access.log.",
    "logship generate --records 20000 | logship split --records 5000 - part-",
  ],
  notes: `Splits FILE (default, or with -: standard input) into PREFIXaa, PREFIXab, … (default prefix: x).
Pieces hold whole records: lines, or with --format script the lines from { to }.
A piece is .NAME.tmp until it is complete, and then replaces what had its name.`,
  async run({ bytes, records, format, suffixLength }, [file = "-", prefix = "x"]) {
    const limits = {
      ...(bytes === undefined ? {} : { bytes }),
      ...(records === undefined && bytes !== undefined ? {} : { records: records ?? DEFAULT_RECORDS }),
      recordEnd: format === "script" ? "script" : "line",
    } as const;
    const names = suffixes(suffixLength).map((suffix) => prefix + suffix);
    await splitIntoFiles(readInput(file), limits, names, pieceDirectory(file));
    return 0;
  },
});
