import { throwIfIncomplete } from "../pipeline/conclusion.ts";
import { countFiles, localFiles } from "../pipeline/local-files.ts";
import { unableTo } from "../system/errors.ts";
import { oneOf, wholeNumber } from "../system/quantity.ts";
import { stopSignals } from "../system/stop-signals.ts";
import { defineCommand } from "./command.ts";
import { destinationOptions, openFromOptions, uploaderTo } from "./destination-options.ts";
import { flag, inGroup, optionOr } from "./options.ts";
import { progressBar } from "./progress.ts";
import { ReceiptLines, reportingTo, unheldMessages } from "./receipts.ts";

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
    const { messages, close } = unheldMessages();
    const host = { ...givenHost, messages };
    const destination = await openFromOptions(options, host);
    const { stop, abort, release } = stopSignals(options.grace);
    try {
      const isWatched = process.stdout.isTTY && process.stderr.isTTY && !options.json;
      const output = isWatched
        ? await progressBar(await countFiles(paths, abort))
        : new ReceiptLines(options.json, host.messages);
      const uploader = uploaderTo(destination, options, output, host);
      let isCutShort = false;
      const files = localFiles(paths, {
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
      const outcome = await reportingTo(output, abort, () => uploader.uploadAll(files, abort));
      output.finish();
      throwIfIncomplete(outcome, "files", destination.name, host.messages);
      if (isCutShort)
        throw unableTo("upload", `all files to ${destination.name}`, `stopped after ${outcome.storedCount}`);
      return 0;
    } finally {
      await close(abort);
      release();
    }
  },
});
