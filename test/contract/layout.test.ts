import { expect, test } from "bun:test";
import { momentOfKey } from "../../src/contract/key-moment.ts";
import { DEFAULT_TEMPLATE, layoutOf } from "../../src/contract/shipped-key.ts";

const NAMES = { host: "h", source: "var_log_app.log" };

test("where the keys of a source are is told by the template", () => {
  expect(layoutOf(DEFAULT_TEMPLATE, NAMES)).toEqual({
    beginning: "host=h/source=var_log_app.log/dt=",
    hasDateFolders: true,
    isInOrder: true,
    folders: { all: "host=h/", own: "host=h/source=var_log_app.log/" },
  });
  expect(layoutOf("{source}/{host}/{generation}.{offset}", NAMES)).toEqual({
    beginning: "var_log_app.log/h/",
    hasDateFolders: false,
    isInOrder: true,
    folders: { all: "", own: "var_log_app.log/" },
  });
  expect(layoutOf("logs/{host}/x-{source}.{generation}.{offset}", NAMES)).toMatchObject({
    beginning: "logs/h/x-var_log_app.log.",
    folders: undefined,
  });
});

test.each([
  ["{host}/{source}/{offset}.{generation}", false],
  ["{host}/{source}/{generation}/{date}/{offset}", false],
  ["{host}/{source}/{hour}/{generation}.{offset}", false],
  ["{host}/{source}/{date}/{generation}.{offset}", true],
])("the keys of %s are in the order of time: %p", (template, isInOrder) => {
  expect(layoutOf(template, NAMES)?.isInOrder).toBe(isInOrder);
});

test.each(["{date}/{host}/{source}/{generation}.{offset}", "{host}/{generation}/{source}.{offset}"])(
  "the keys of %s have no beginning that is a source's own",
  (template) => {
    expect(layoutOf(template, NAMES)).toBeUndefined();
  },
);

test.each([
  ["host=h/source=s/dt=2017-01-12/hour=14/app.log", "2017-01-12T14:59:59.999Z", false],
  ["x/2017-01-12/14/app.log", "2017-01-12T14:59:59.999Z", false],
  ["dt=2017-01-12/app.log", "2017-01-12T23:59:59.999Z", false],
  ["p/access.2017-01-12-14:36:56/access.2017-01-12-14:36:56.log.aa", "2017-01-12T14:36:56.000Z", true],
  ["access.2017-01-12-14:36:56-0300/", "2017-01-12T17:36:56.000Z", false],
])("%s is of %s at the latest", (key, moment, isLocal) => {
  expect(momentOfKey(key)).toEqual({ ms: Date.parse(moment), isLocal });
});

test.each(["app.log", "dt=2017-13-45/hour=99/x", "2017-01-12-app.log", "dt=2017-01-1/x"])(
  "%s tells no moment",
  (key) => {
    expect(momentOfKey(key)).toBeUndefined();
  },
);
