/** Servers whose listings do not come to an end, or are none. */
import { expect, test } from "bun:test";
import { run } from "../support/logship.ts";

const KEYS = { AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret", AWS_REGION: "us-east-1" };

/** A page of a listing, given with how many have been asked for before and the token that this one was asked with. */
type Page = (
  count: number,
  token: string | undefined,
) => { keys: readonly string[]; next?: string | undefined };

/** Verifies a bucket of empty objects that a server lists in a way of its own. */
async function verify(page: Page, prefix = "") {
  let count = 0;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { searchParams } = new URL(request.url);
      if (searchParams.get("list-type") !== "2") return new Response("", { headers: { etag: '"x"' } });
      const { keys, next } = page(count++, searchParams.get("continuation-token") ?? undefined);
      const contents = keys.map((key) => `<Contents><Key>${key}</Key><Size>0</Size></Contents>`);
      const end = next === undefined ? "" : `<NextContinuationToken>${next}</NextContinuationToken>`;
      return new Response(
        `<ListBucketResult><Name>bucket</Name><IsTruncated>${next !== undefined}</IsTruncated>${end}${contents.join("")}</ListBucketResult>`,
        { headers: { "content-type": "application/xml" } },
      );
    },
  });
  const env = { ...KEYS, AWS_ENDPOINT_URL: server.url.href };
  const result = await run(["verify", `s3://bucket/${prefix}`], { env });
  await server.stop(true);
  return { ...result, count };
}

const named = (count: number) => [`k${String(count).padStart(9, "0")}`];

const WRONG: Record<string, readonly [page: Page, reason: string]> = {
  "the token it was asked with": [
    (count) => ({ keys: named(count), next: "again" }),
    "the listing does not end: the server goes on where it was asked to",
  ],
  "the same page under new tokens": [
    (count) => ({ keys: ["a", "b"], next: `t${count}` }),
    "the listing is not in order: a page does not lie behind the one before",
  ],
  "two pages in turn": [
    (count) => ({ keys: [count % 2 === 0 ? "a" : "b"], next: `t${count % 2}` }),
    "the listing is not in order: a page does not lie behind the one before",
  ],
  "empty pages": [
    (count) => ({ keys: [], next: `t${count}` }),
    "the listing does not end: 100 pages without a key came one after the other",
  ],
  "pages that are not in order": [
    (count) => ({ keys: named(1000 - count), next: `t${count}` }),
    "the listing is not in order: a page does not lie behind the one before",
  ],
  "a key twice": [
    () => ({ keys: ["a", "a"] }),
    "the listing is not in order: a page does not lie behind the one before",
  ],
};

test.each(Object.keys(WRONG))(
  "a listing that gives %s ends verify with what is wrong",
  async (name) => {
    const [page, reason] = WRONG[name]!;
    const { stderr, exitCode, count } = await verify(page);
    expect(stderr).toBe(`logship: fatal: unable to list s3://bucket: ${reason} (see logship doctor)\n`);
    expect(exitCode).toBe(111);
    expect(count).toBeLessThanOrEqual(101);
  },
  60_000,
);

test("a listing of keys that were not asked for ends verify", async () => {
  const { stderr, exitCode } = await verify(() => ({ keys: ["elsewhere/a"] }), "ours");
  expect(stderr).toBe(
    "logship: fatal: unable to list s3://bucket/ours: the listing has a key that was not asked for (see logship doctor)\n",
  );
  expect(exitCode).toBe(111);
});

test("a page that is not in order, as of a server that walks through directories, is a listing", async () => {
  const { stderr, exitCode } = await verify(() => ({ keys: ["d/b", "d/a", "d-e", "d"] }));
  expect(stderr).toBe("");
  expect(exitCode).not.toBe(111);
});

test("some empty pages, and keys in the order of their bytes, are a listing", async () => {
  const keys = ["A", "a", "z", "ä", "\u{fffd}", "\u{1f600}"];
  const page: Page = (count) =>
    count % 50 === 49
      ? { keys: [keys[(count - 49) / 50]!], next: count < 299 ? `t${count}` : undefined }
      : { keys: [], next: `t${count}` };
  const { stderr, exitCode, count } = await verify(page);
  expect(stderr).toBe("");
  expect(count).toBe(300);
  expect(exitCode).not.toBe(111);
});
