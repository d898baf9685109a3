import { X509Certificate } from "node:crypto";
import { loadConfig } from "@smithy/core/config";
import { unableTo } from "../system/errors.ts";
import { readRegularFile } from "../system/regular-file.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*(?:-----END CERTIFICATE-----)?/g;

/** What the runtime opens itself at the first connection with TLS: it would wait for a FIFO, and read a device for ever. */
const OPENED_BY_RUNTIME = ["SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS"];

/**
 * The PEM certificates of the file that AWS_CA_BUNDLE or `ca_bundle` of the profile names; undefined without one.
 *
 * @throws FatalError `unable to read trusted certificates FILE: …`, also if one of them is damaged: what reads them later
 *   would leave it out, and blame the server; or if a variable of the runtime names what is no regular file
 */
export async function trustedCertificates(): Promise<string | undefined> {
  const path = await loadConfig<string>({
    environmentVariableSelector: (env) => env.AWS_CA_BUNDLE,
    configFileSelector: (profile) => profile.ca_bundle,
    default: "",
  })();
  for (const name of OPENED_BY_RUNTIME) await requireReadable(name);
  if (path === "") return undefined;
  const fail = (reason: string) => unread(path, reason);
  const read = readRegularFile(path);
  if (!Buffer.isBuffer(read)) throw fail(read.reason);
  const text = read.toString();
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw fail("it holds no PEM certificate");
  const damaged = certificates.findIndex((pem) => !isCertificate(pem));
  if (damaged !== -1) throw fail(`certificate ${damaged + 1} of ${certificates.length} in it is damaged`);
  return text;
}

/** One that is not there, or may not be read, the runtime does without. */
async function requireReadable(variable: string): Promise<void> {
  const path = await loadConfig<string>({
    environmentVariableSelector: (env) => env[variable],
    configFileSelector: () => undefined,
    default: "",
  })();
  const read = path === "" ? undefined : readRegularFile(path);
  if (read && !Buffer.isBuffer(read) && read.kind === "broken") throw unread(path, read.reason);
}

function unread(path: string, reason: string): Error {
  return unableTo("read trusted certificates", path, reason, "tls");
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}
