import { needs } from "./needs.ts";
import { radosGateway, radosGatewayPrograms } from "./radosgw.ts";
import type { S3Server } from "./s3-server.ts";
import { startS3rver } from "./s3rver.ts";

interface ServerKind {
  readonly name: string;
  readonly isInstalled: boolean;
  /** s3rver verifies no signature of version 4, only whether it knows the access key. */
  readonly checksSignatures: boolean;
  /** A server for one test file; `stop` when it is done with it. */
  start(): Promise<S3Server & { stop(): Promise<void> }>;
}

/** The S3 servers against which everything that depends on the server's answers is tested. */
export const serverKinds: ServerKind[] = [
  { name: "s3rver", isInstalled: true, checksSignatures: false, start: () => startS3rver() },
  {
    name: "the RADOS Gateway",
    isInstalled: needs(...radosGatewayPrograms),
    checksSignatures: true,
    start: async () => ({ ...(await radosGateway()), stop: async () => {} }),
  },
];

/** A name that no other test uses, also on a server that they share. */
export function freshBucketName(): string {
  return `bucket-${crypto.randomUUID().slice(0, 13)}`;
}
