import { expect, test } from "bun:test";
import { proxyFor } from "../../src/destination/proxy.ts";

const P = "http://p:1";

test.each([
  [{}, undefined],
  [{ HTTPS_PROXY: P }, P],
  [{ https_proxy: P }, P],
  [{ https_proxy: P, HTTPS_PROXY: "http://other:1" }, P],
  [{ HTTPS_PROXY: "p:1" }, P],
  [{ HTTP_PROXY: P }, undefined],
  [{ ALL_PROXY: P }, P],
  [{ all_proxy: P }, P],
  [{ all_proxy: "http://other:1", HTTPS_PROXY: P }, P],
  [{ HTTPS_PROXY: P, NO_PROXY: "*" }, undefined],
  [{ ALL_PROXY: P, no_proxy: "*" }, undefined],
  [{ HTTPS_PROXY: P, NO_PROXY: "localhost, .amazonaws.com" }, undefined],
  [{ HTTPS_PROXY: P, NO_PROXY: "localhost *.amazonaws.com" }, undefined],
  [{ HTTPS_PROXY: P, NO_PROXY: "amazonaws.com" }, undefined],
  [{ HTTPS_PROXY: P, NO_PROXY: "AmazonAWS.com" }, undefined],
  [{ HTTPS_PROXY: P, NO_PROXY: "aws.com" }, P],
  [{ HTTPS_PROXY: P, NO_PROXY: "" }, P],
])("with %p a request to S3 goes through %p", (environment: Record<string, string>, proxy) => {
  expect(proxyFor(new URL("https://b.s3.eu-west-1.amazonaws.com/"), environment)).toBe(proxy);
});

test.each([
  [{ HTTP_PROXY: P }, P],
  [{ HTTPS_PROXY: P }, undefined],
  [{ ALL_PROXY: P }, P],
  [{ HTTP_PROXY: P, NO_PROXY: "localhost:9000" }, undefined],
  [{ HTTP_PROXY: P, NO_PROXY: "localhost:9001" }, P],
  [{ HTTP_PROXY: P, NO_PROXY: "localhost" }, undefined],
])("with %p a request to a plain server goes through %p", (environment: Record<string, string>, proxy) => {
  expect(proxyFor(new URL("http://localhost:9000/"), environment)).toBe(proxy);
});
