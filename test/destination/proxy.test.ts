import { expect, test } from "bun:test";
import { isProxied } from "../../src/destination/proxy.ts";

const s3 = new URL("https://b.s3.eu-west-1.amazonaws.com/");

test.each([
  [{}, false],
  [{ HTTPS_PROXY: "http://p:1" }, true],
  [{ https_proxy: "http://p:1" }, true],
  [{ HTTP_PROXY: "http://p:1" }, false],
  [{ HTTPS_PROXY: "http://p:1", NO_PROXY: "*" }, false],
  [{ HTTPS_PROXY: "http://p:1", NO_PROXY: "localhost, .amazonaws.com" }, false],
  [{ HTTPS_PROXY: "http://p:1", NO_PROXY: "amazonaws.com" }, false],
  [{ HTTPS_PROXY: "http://p:1", NO_PROXY: "aws.com" }, true],
  [{ HTTPS_PROXY: "http://p:1", NO_PROXY: "" }, true],
])("with %p a request to S3 goes through a proxy: %p", (environment, isThrough) => {
  expect(isProxied(s3, environment)).toBe(isThrough);
});
