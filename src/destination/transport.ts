import { connect } from "node:net";
import { HttpResponse } from "@smithy/core/protocols";
import { LONGEST_TIMER_MS } from "../system/sleep.ts";

/** The part of the SDK's request that goes over the wire. */
interface WireRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

export interface TransportOptions {
  readonly connectTimeoutMs: number;
  /** Given to a request for being silent, beside the time that its body needs at `SLOWEST_BYTES_PER_SECOND`. */
  readonly timeoutMs: number;
  /** PEM certificates to trust instead of the built-in ones. */
  readonly trustedCertificates?: string | undefined;
  /** True if requests to this URL go through a proxy (HTTPS_PROXY and the like, which fetch follows by itself). */
  readonly isProxied: (url: URL) => boolean;
}

const SLOWEST_BYTES_PER_SECOND = 32 * 1024;

/**
 * Carries the SDK's requests by fetch, which costs half the processor time and memory of the SDK's own handler.
 *
 * fetch tells nothing between the start and the answer, so two things stand in for its missing timeouts: a
 * connection is tried out before the first request and after each failure, and a request ends when it has taken
 * the allowed silence plus what its body, or the range it asks for, takes at the slowest speed. The answer is read
 * completely.
 */
export class Transport {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #options: TransportOptions;
  #isProven = false;

  constructor(options: TransportOptions) {
    this.#options = options;
  }

  async handle(request: WireRequest, options: { abortSignal?: unknown } = {}) {
    const abortSignal = options.abortSignal as AbortSignal | undefined;
    const url = wireUrl(request);
    const { timeoutMs, connectTimeoutMs, trustedCertificates } = this.#options;
    const body = request.body as Uint8Array | string | undefined;
    const carriedBytes = (body?.length ?? 0) + rangeBytes(request.headers);
    const bodyMs = (carriedBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
    const deadline = new AbortController();
    const onAbort = () => deadline.abort(abortSignal?.reason);
    abortSignal?.addEventListener("abort", onAbort, { once: true });
    if (abortSignal?.aborted) onAbort();
    const timer = setTimeout(
      () => deadline.abort(timedOut()),
      Math.min(timeoutMs + bodyMs, LONGEST_TIMER_MS),
    );
    try {
      if (!this.#isProven && !this.#options.isProxied(url))
        await tryConnection(url, connectTimeoutMs, deadline.signal);
      const init: BunFetchRequestInit = {
        method: request.method,
        headers: request.headers,
        redirect: "manual",
        decompress: false,
      };
      if (body !== undefined && request.method !== "GET" && request.method !== "HEAD")
        init.body = body as Uint8Array<ArrayBuffer> | string;
      init.tls = { rejectUnauthorized: true, ...(trustedCertificates && { ca: trustedCertificates }) };
      const response = await fetch(url, { ...init, signal: deadline.signal, keepalive: true });
      const answer = new Uint8Array(await response.arrayBuffer());
      this.#isProven = true;
      const headers = Object.fromEntries(response.headers as unknown as Iterable<[string, string]>);
      return { response: new HttpResponse({ statusCode: response.status, headers, body: answer }) };
    } catch (error) {
      this.#isProven = false;
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    } finally {
      clearTimeout(timer);
      abortSignal?.removeEventListener("abort", onAbort);
    }
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  destroy(): void {}
}

function rangeBytes(headers: Record<string, string>): number {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? headers.Range ?? "") ?? [];
  return from === undefined ? 0 : Number(to) - Number(from) + 1;
}

function timedOut(): Error {
  return Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });
}

function wireUrl(request: WireRequest): URL {
  const port = request.port === undefined ? "" : `:${request.port}`;
  const query = Object.entries(request.query ?? {}).flatMap(([name, value]) =>
    [value].flat().map((v) => (v === null ? encode(name) : `${encode(name)}=${encode(v)}`)),
  );
  const search = query.length > 0 ? `?${query.join("&")}` : "";
  return new URL(`${request.protocol}//${request.hostname}${port}${request.path}${search}`);
}

/** Percent-encodes as the signature does, so that both speak of the same address. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function tryConnection(url: URL, timeoutMs: number, signal: AbortSignal): Promise<void> {
  const port = Number(url.port) || (url.protocol === "https:" ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    const settle = (error?: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      socket.destroy();
      if (error === undefined) resolve();
      else reject(error);
    };
    const onAbort = () => settle(signal.reason);
    const timer = setTimeout(() => settle(timedOut()), Math.min(timeoutMs, LONGEST_TIMER_MS));
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("connect", () => settle());
    socket.once("error", settle);
  });
}
