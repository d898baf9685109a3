/**
 * The proxy that a request to this URL goes through by the usual variables, as curl and the runtime read them: HTTPS_PROXY or
 * HTTP_PROXY, else ALL_PROXY, unless NO_PROXY names the host, a domain it is in, or `*`. Names in lower case win.
 *
 * @returns undefined for none; always with a scheme, which is http if the variable has none
 */
export function proxyFor(url: URL, environment: Record<string, string | undefined>): string | undefined {
  const variable = url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY";
  const proxy = read(environment, variable) || read(environment, "ALL_PROXY");
  if (proxy === "" || isException(url, read(environment, "NO_PROXY"))) return undefined;
  return proxy.includes("://") ? proxy : `http://${proxy}`;
}

function isException({ hostname, host }: URL, exceptions: string): boolean {
  const names = exceptions.split(/[\s,]+/).filter((name) => name !== "");
  return names.some((name) => {
    const domain = name.replace(/^\*?\./, "").toLowerCase();
    return name === "*" || hostname === domain || host === domain || hostname.endsWith(`.${domain}`);
  });
}

function read(environment: Record<string, string | undefined>, name: string): string {
  return environment[name.toLowerCase()] || environment[name] || "";
}
