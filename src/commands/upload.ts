import { defineCommand } from "../cli/command.ts";
import { destinationOptions, uploaderTo } from "../cli/destination-options.ts";
import { flag, inGroup, optionOr } from "../cli/options.ts";
import type { Advance } from "../cli/progress-text.ts";
import { reportingTo } from "../cli/receipts.ts";
import { storing } from "../cli/storing.ts";
import { countFiles, type FileCount, localFiles } from "../local-files/local-files.ts";
import { throwIfIncomplete } from "../pipeline/conclusion.ts";
import { unableTo } from "../system/errors.ts";
import { oneOf, wholeNumber } from "../system/quantity.ts";
import { countText, sizeText, thingsText } from "../system/quantity-text.ts";

export const upload = defineCommand({
  positional: "<path...>",
  examples: [
    "logship upload access.log --to s3://my-logs/2017",
    "logship upload --gzip --delete /var/log/old --to s3://my-logs",
    "logship upload pieces --to file:///mnt/backup",
  ],
  options: {
    ...inGroup("Files", {
      delete: flag("--delete", "delete each file once it is stored, unless it has changed meanwhile"),
      recordEnd: optionOr(
        "--record-end <kind>",
        "how records end, to count them: line or script",
        oneOf(["line", "script"]),
        "line",
      ),
    }),
    ...destinationOptions,
    ...inGroup("Destination", {
      attempts: optionOr("--attempts <n>", "tries for each object", wholeNumber(1), "10"),
    }),
  },
  async run(options, paths, givenHost) {
    await storing(options, givenHost, async ({ host, destination, progress, output, stop, abort }) => {
      const uploader = uploaderTo(destination, options, output, host);
      let isCutShort = false;
      const done: FileCount = { files: 0, bytes: 0 };
      const files = localFiles(paths, {
        done,
        isGzip: options.gzip,
        isDelete: options.delete,
        recordEnd: options.recordEnd,
        messages: host.messages,
        stop,
        abort,
        onCutShort: () => {
          isCutShort = true;
        },
      });
      let total: FileCount | undefined;
      if (progress.isWatched)
        countFiles(paths, abort).then((count) => {
          total = count;
        });
      progress.show("upload", () => advanceOf(done, total));
      const outcome = await reportingTo(output, abort, () => uploader.uploadAll(files, abort));
      if (outcome.failures.length === 0) progress.finish();
      throwIfIncomplete(outcome, "files", destination.name, host.messages);
      if (isCutShort)
        throw unableTo("upload", `all files to ${destination.name}`, `stopped after ${outcome.storedCount}`);
    });
    return 0;
  },
});

/** @param total Undefined while the files are still being counted. */
function advanceOf(done: FileCount, total: FileCount | undefined): Advance {
  const files = thingsText(done.files, "file");
  return {
    text: total ? `${countText(done.files)} of ${thingsText(total.files, "file")}` : files,
    sum: `${files}, ${sizeText(done.bytes)}`,
    bytes: done.bytes,
    done: done.bytes,
    total: total?.bytes,
  };
}
