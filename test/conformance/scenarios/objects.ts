/** What is stored beside an object: metadata, tags, encryption, storage class. */
import { GetObjectTaggingCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { clientOf } from "../../support/bucket.ts";
import { workplace } from "../../support/proxied-server.ts";
import { No } from "../outcome.ts";
import type { Scenario } from "../scenario.ts";
import { lastWords } from "../stage.ts";
import { onTheWire } from "../wire.ts";

const LOG = { "a.log": "one\ntwo\n" };

export const metadata: Scenario = {
  name: "metadata",
  holds: "what `ship` tells beside a log whose name is not ASCII is there for `verify`",
  async run(stage) {
    await stage.makeBucket();
    const cwd = workplace({ "ünï 日本.log": "one\ntwo\n" });
    const source = `${cwd}/ünï 日本.log`;
    await stage.succeed("ship", ["--once", "--state", `${cwd}/state`, "--host", "höst", source]);
    await stage.verify(["--source", source]);
  },
};

export const tags: Scenario = {
  name: "tags",
  holds: "`--tag` of two, one of them not ASCII, are there",
  async run(stage) {
    await stage.makeBucket();
    const cwd = workplace(LOG);
    const result = await stage.s3.logship(
      "upload",
      stage.bucket,
      ["--attempts", "2", "--tag", "team=ops", "--tag", "größe=a b+c", "a.log"],
      { cwd },
    );
    if (result.exitCode !== 0) throw new No(lastWords("upload --tag", result));
    const { TagSet = [] } = await clientOf(stage.server).send(
      new GetObjectTaggingCommand({ Bucket: stage.bucket, Key: "a.log" }),
    );
    const told = TagSet.map(({ Key, Value }) => `${Key}=${Value}`).sort();
    if (told.join("&") !== "größe=a b+c&team=ops")
      throw new No(
        "the object is stored; its tags are not, or others",
        `GET ?tagging tells ${told.length === 0 ? "no tags" : told.join("&")}`,
      );
  },
};

export const encryption: Scenario = option(
  "SSE",
  ["--sse", "AES256"],
  "x-amz-server-side-encryption",
  "AES256",
);
export const storageClass: Scenario = option(
  "storage class",
  ["--storage-class", "STANDARD_IA"],
  "x-amz-storage-class",
  "STANDARD_IA",
);

function option(name: string, args: readonly string[], header: string, value: string): Scenario {
  return {
    name,
    holds: `\`${args.join(" ")}\` is taken, and told of the object afterwards`,
    async run(stage) {
      await stage.makeBucket();
      const cwd = workplace(LOG);
      const result = await stage.s3.logship("upload", stage.bucket, ["--attempts", "2", ...args, "a.log"], {
        cwd,
      });
      if (result.exitCode !== 0) throw new No(lastWords(`upload ${args[0]}`, result));
      const put = stage.s3.proxy.requests.findLast(({ method }) => method === "PUT");
      const found = await clientOf(stage.server).send(
        new HeadObjectCommand({ Bucket: stage.bucket, Key: "a.log" }),
      );
      const told = name === "SSE" ? found.ServerSideEncryption : found.StorageClass;
      if (told !== value)
        throw new No(
          "it takes the header and goes on without it; logship cannot tell",
          `${onTheWire(put!)}; HEAD then has ${told === undefined ? `no ${header}` : `${header}: ${told}`}`,
        );
    },
  };
}
