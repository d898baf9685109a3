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
    bytes: option(
      "-C, --bytes <size>",
      "at most so many bytes in a piece; a record that is larger becomes a piece of its own",
      parseSize,
    ),
    records: option(
      "-l, --records <n>",
      `at most so many records in a piece; ${DEFAULT_RECORDS} if --bytes is not given either`,
      wholeNumber(1),
    ),
    format: formatOption,
    suffixLength: optionOr(
      "-a, --suffix-length <n>",
      "letters of a suffix; 0: they widen as needed, aa to yz, zaaa to zyzz, and so on",
      wholeNumber(0, 100),
      "0",
    ),
  },
  epilogue: `Splits FILE (default, or with -: standard input) into PREFIXaa, PREFIXab, … (default prefix: x).
Pieces hold whole records: lines, or with --format script the lines from { to }.
A piece is .NAME.tmp until it is complete, and then replaces what had its name.

Examples:
  logship split --bytes 2M access.log access.log.
  logship generate --records 20000 | logship split --records 5000 - part-`,
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
