/** The S3 servers that main-paths.sh stores to. */
import { environmentOf } from "../support/s3-server.ts";
import { startS3rver } from "../support/s3rver.ts";
import { selfSigned, startTlsFront } from "../support/tls.ts";

export interface Storage {
  /** For main-paths.sh, but for the certificates to trust. */
  readonly environment: Record<string, string>;
  /** A PEM file, for AWS_CA_BUNDLE. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** Starts an S3 server on loopback, over http and https. Needs openssl. */
export async function startStorage(): Promise<Storage> {
  const server = await startS3rver();
  const certificate = selfSigned(["127.0.0.1"]);
  const front = await startTlsFront(server.endpoint, certificate);
  const { AWS_ENDPOINT_URL_S3: endpoint, ...environment } = environmentOf(server);
  return {
    environment: { ...environment, S3_ENDPOINTS: `${endpoint} ${front.endpoint}` },
    certificate: certificate.certificate,
    async stop() {
      front.stop();
      await server.stop();
    },
  };
}
