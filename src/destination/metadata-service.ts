/** The instance metadata service of EC2, version 2, as the page "Use the Instance Metadata Service" describes it. */

const TIMEOUT_MS = 1000;

export interface MetadataServiceOptions {
  /** AWS_EC2_METADATA_SERVICE_ENDPOINT, where it is set. */
  readonly endpoint?: string | undefined;
  /** AWS_EC2_METADATA_DISABLED=true */
  readonly isDisabled: boolean;
}

/**
 * Reads one value, such as `public-ipv4` or `placement/region`; undefined where no service answers within a
 * second, which is the case on every host that is not an EC2 instance, or where the instance has no such value.
 */
export async function instanceMetadata(
  path: string,
  options: MetadataServiceOptions,
): Promise<string | undefined> {
  if (options.isDisabled) return undefined;
  const endpoint = (options.endpoint || "http://169.254.169.254").replace(/\/+$/, "");
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const token = await fetch(`${endpoint}/latest/api/token`, {
      method: "PUT",
      headers: { "x-aws-ec2-metadata-token-ttl-seconds": "60" },
      signal,
      proxy: "",
    });
    if (!token.ok) return undefined;
    const headers = { "x-aws-ec2-metadata-token": await token.text() };
    const answer = await fetch(`${endpoint}/latest/meta-data/${path}`, { headers, signal, proxy: "" });
    return answer.ok ? (await answer.text()).trim() || undefined : undefined;
  } catch {
    return undefined;
  }
}

/** How the environment says to reach the instance metadata service. */
export function metadataServiceOptions(
  environment: Record<string, string | undefined>,
): MetadataServiceOptions {
  return {
    endpoint: environment.AWS_EC2_METADATA_SERVICE_ENDPOINT,
    isDisabled: /^true$/i.test(environment.AWS_EC2_METADATA_DISABLED ?? ""),
  };
}
