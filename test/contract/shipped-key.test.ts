import { describe, expect, test } from "bun:test";
import { momentOf, nextGeneration } from "../../src/contract/generation-id.ts";
import {
  DEFAULT_TEMPLATE,
  escapeName,
  fitsInKey,
  keyOf,
  keyReader,
  parseTemplate,
  pieceNameOf,
} from "../../src/contract/shipped-key.ts";
import { shippedMetadata } from "../../src/contract/shipped-metadata.ts";

const parts = {
  host: "web1",
  source: "var_log_nginx_access.log",
  name: "access",
  generation: "20170112T143656123-0a1b2c3d",
  offset: 8_388_370,
  begunAtMs: Date.UTC(2017, 0, 12, 15, 4),
};

describe("keys", () => {
  test("are partitions that query engines prune, and names in the order of lines", () => {
    expect(keyOf(DEFAULT_TEMPLATE, parts)).toBe(
      "host=web1/source=var_log_nginx_access.log/dt=2017-01-12/hour=15/" +
        "access.20170112T143656123-0a1b2c3d.0000000008388370.log",
    );
    expect(keyOf("{source}/{host}/{generation}/{offset}", parts)).toBe(
      "var_log_nginx_access.log/web1/20170112T143656123-0a1b2c3d/0000000008388370",
    );
  });

  test("escape names so that two names are never one, and can be no directory", () => {
    expect(escapeName("var/log/nginx/access.log")).toBe("var_log_nginx_access.log");
    expect(escapeName("var/log/my_app.log")).toBe("var_log_my!5fapp.log");
    expect(escapeName("a b=é!")).toBe("a!20b!3d!c3!a9!21");
    expect([escapeName("."), escapeName("..")]).toEqual(["!2e", "!2e!2e"]);
    const names = ["a/b", "a_b", "a!5fb", "a-b", "a!/b", "A/b", "a//b", "a/_b", "a_/b"];
    expect(new Set(names.map(escapeName)).size).toBe(names.length);
  });

  test("keep long names apart by a hash", () => {
    const long = (end: string) => escapeName(`${"d/".repeat(200)}${end}`);
    expect(long("x").length).toBe(150);
    expect(long("x")).toEndWith("_d_x");
    expect(escapeName(`e/${"d/".repeat(199)}x`)).not.toBe(long("x"));
  });

  test("name pieces after the file, without its .log", () => {
    expect(pieceNameOf("/var/log/nginx/access.log")).toBe("access");
    expect(pieceNameOf("/service/web/log/main")).toBe("main");
    expect(pieceNameOf("/x/.log")).toBe(".log");
  });

  test.each([
    ["{host}/{source}/{offset}", "{generation}"],
    ["{host}/{generation}.{offset}", "{source}"],
    ["{source}/{generation}.{offset}", "{host}"],
    ["{host}/{source}/{generation}", "{offset}"],
  ])("refuse %s, with which two pieces could have one key", (template, missing) => {
    expect(() => parseTemplate(template)).toThrow(
      `without ${missing} two different pieces could have one key`,
    );
  });

  test.each([
    ["{host}-{source}/{generation}.{offset}", "slash between them"],
    ["{host}/{source}/{generation}.{offset}/{day}", "{day} is none of"],
    ["/{host}/{source}/{generation}.{offset}", "empty parts"],
    ["{host}/{source}/../{generation}.{offset}", "empty parts"],
  ])("refuse %s", (template, reason) => {
    expect(() => parseTemplate(template)).toThrow(reason);
  });

  test("have room for what S3 allows, or are refused", () => {
    expect(fitsInKey(DEFAULT_TEMPLATE, parts, 800)).toBe(true);
    expect(fitsInKey(DEFAULT_TEMPLATE, { ...parts, host: "h".repeat(150) }, 900)).toBe(false);
  });
});

test("keys are read as they were made", () => {
  const templates = [
    DEFAULT_TEMPLATE,
    "{source}/{host}+{generation}.{offset}",
    "{offset}/{name}({host}/{generation}/{source}",
    "{generation}{offset}/{host}/x[{source}]/{date}T{hour}/{name}/{host}",
  ];
  for (const template of templates) {
    const named = {
      host: "web-1",
      source: "var_log_a!20b.log",
      generation: nextGeneration(0, undefined),
      offset: 77,
    };
    const key = keyOf(template, { ...named, name: "a!20b", begunAtMs: 1e12 });
    const read = keyReader(template);
    for (const text of [key, `${key}.gz`, `below/it/${key}`]) expect(read(text)).toEqual(named);
    for (const text of [`${key} `, key.replace(named.generation, "x"), key.replace("web-1", "web 1"), ""])
      expect(read(text)).toBeUndefined();
  }
});

describe("generations", () => {
  test("sort in the order they were met, also when the clock was set back", () => {
    const first = nextGeneration(1_484_231_816_123, undefined);
    expect(first).toMatch(/^20170112T143656123-[0-9a-f]{8}$/);
    const second = nextGeneration(1_484_231_816_123 - 3_600_000, first);
    expect(second > first).toBe(true);
    expect(momentOf(second)).toBe(1_484_231_816_124);
    expect(momentOf("nonsense")).toBeNaN();
  });
});

test("metadata say where a piece belongs", () => {
  const facts = {
    host: "h",
    source: "s",
    generation: "g2",
    first: 10,
    last: 30,
    crc32: "0000beef",
    start: 0,
  };
  expect(shippedMetadata({ ...facts, previous: { generation: "g1", end: 99 }, lostBytes: 7 })).toEqual({
    bytes: "20",
    crc32: "0000beef",
    host: "h",
    source: "s",
    generation: "g2",
    "first-offset": "10",
    "last-offset": "30",
    start: "0",
    previous: "g1:99",
    lost: "7",
  });
  expect(shippedMetadata({ ...facts, previous: undefined, lostBytes: 0 })).not.toContainKeys([
    "previous",
    "lost",
  ]);
});
