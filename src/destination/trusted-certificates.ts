import { X509Certificate } from "node:crypto";
import { loadConfig } from "@smithy/core/config";
import { unableTo } from "../system/errors.ts";
import { readRegularFile } from "../system/regular-file.ts";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*(?:-----END CERTIFICATE-----)?/g;

/**
 * The PEM certificates of the file that AWS_CA_BUNDLE or `ca_bundle` of the profile names; undefined without one.
 *
 * @throws FatalError `unable to read trusted certificates FILE: …`, also if one of them is damaged: what reads them later
 *   would leave it out, and blame the server
 */
export async function trustedCertificates(): Promise<string | undefined> {
  const path = await loadConfig<string>({
    environmentVariableSelector: (env) => env.AWS_CA_BUNDLE,
    configFileSelector: (profile) => profile.ca_bundle,
    default: "",
  })();
  if (path === "") return undefined;
  const fail = (reason: string) => unableTo("read trusted certificates", path, reason, "tls");
  const read = readRegularFile(path);
  if (!Buffer.isBuffer(read)) throw fail(read.reason);
  const text = read.toString();
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) throw fail("it holds no PEM certificate");
  const damaged = certificates.findIndex((pem) => !isCertificate(pem));
  if (damaged !== -1) throw fail(`certificate ${damaged + 1} of ${certificates.length} in it is damaged`);
  return text;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem) !== undefined;
  } catch {
    return false;
  }
}
