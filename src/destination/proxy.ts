/**
 * True if a request to this URL goes through a proxy by the usual variables: HTTPS_PROXY or HTTP_PROXY, unless
 * NO_PROXY names the host, a domain it is in, or `*`. Lower-case names count as well.
 */
export function isProxied(url: URL, environment: Record<string, string | undefined>): boolean {
  const variable = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  if (!read(environment, variable)) return false;
  const exceptions = read(environment, "NO_PROXY")
    .split(/[\s,]+/)
    .filter((name) => name !== "");
  return !exceptions.some((name) => {
    const domain = name.replace(/^\*?\./, "").toLowerCase();
    return (
      name === "*" || url.hostname === domain || url.host === domain || url.hostname.endsWith(`.${domain}`)
    );
  });
}

function read(environment: Record<string, string | undefined>, name: string): string {
  return environment[name.toLowerCase()] || environment[name] || "";
}
