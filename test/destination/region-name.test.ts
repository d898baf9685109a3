import { expect, test } from "bun:test";
import { regionOfAddress } from "../../src/destination/region-name.ts";

test.each([
  ["https://bucket.s3.us-west-2.amazonaws.com/key?x", "us-west-2"],
  ["http://bucket.s3-eu-central-1.amazonaws.com/key", "eu-central-1"],
  ["bucket.s3.dualstack.ap-southeast-4.amazonaws.com", "ap-southeast-4"],
  ["s3.us-gov-west-1.amazonaws.com", "us-gov-west-1"],
  ["bucket.s3.cn-north-1.amazonaws.com.cn", "cn-north-1"],
  ["bucket.s3.amazonaws.com", undefined],
  ["bucket.s3-external-1.amazonaws.com", undefined],
  ["https://login.example.com/?back=http://bucket", undefined],
  ["", undefined],
])("the address %j names the region %j", (address, region) => {
  expect(regionOfAddress(address)).toBe(region as string);
});
