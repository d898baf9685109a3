import type { ServerRecipe } from "../server.ts";
import { moto } from "./moto.ts";
import { radosgw } from "./radosgw.ts";
import { rclone } from "./rclone.ts";
import { s3mock } from "./s3mock.ts";
import { s3proxy } from "./s3proxy.ts";
import { s3rver } from "./s3rver.ts";
import { seaweedfs } from "./seaweedfs.ts";
import { versitygw } from "./versitygw.ts";

/** In the order of the page. */
export const SERVERS: readonly ServerRecipe[] = [
  radosgw,
  seaweedfs,
  versitygw,
  rclone,
  s3proxy,
  s3mock,
  moto,
  s3rver,
];
