import type { SeenRequest } from "../support/fault-proxy.ts";

/**
 * A request line and its answer as a footnote shows them: status and code of the error, or the beginning of a body that is no
 * XML; without headers, in which keys stand, and without what is another one each time.
 */
export function onTheWire(request: SeenRequest): string {
  const { method, path, status, fault, answer } = request;
  const changed = fault?.kind === "damage" ? ", its first byte changed on the way" : "";
  const line = `${method} ${readablePath(path)}${changed}`;
  if (fault !== undefined && fault.kind !== "damage") return `${line}: the answer was lost`;
  if (status === undefined) return `${line}: no answer`;
  return `${line}: ${[status, toldIn(answer)].filter((part) => part !== "").join(" ")}`;
}

/** The last request that the server refused, else the last one. */
export function tellingRequest(requests: readonly SeenRequest[]): SeenRequest | undefined {
  return (
    requests.findLast(({ status = 0, fault }) => fault === undefined && status >= 400) ?? requests.at(-1)
  );
}

function readablePath(path: string): string {
  const short = path
    .replace(/(uploadId|continuation-token)=[^&]*/g, "$1=…")
    .replace(/\d{4}-\d\d-\d\d-\d\d%3A\d\d%3A\d\d/g, "T")
    .replace(/\.log\.a[a-z]\b/, ".log.aa")
    .replaceAll("`", "%60")
    .replace(/(.)\1{20,}/g, "$1…");
  return short.length > 120 ? `${short.slice(0, 117)}…` : short;
}

function toldIn(answer: string): string {
  const code = /<Code>([^<]*)<\/Code>/.exec(answer)?.[1];
  if (code !== undefined) return code;
  const body = answer.split("\r\n\r\n").slice(1).join(" ");
  const isError = /^HTTP\/1\.1 [45]/.test(answer);
  const text = body
    .replace(/<[^>]*>/g, " ")
    .replace(/\s+/g, " ")
    .trim();
  return isError && text !== "" ? `"${text.slice(0, 60)}"` : "";
}
