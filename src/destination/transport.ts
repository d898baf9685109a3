import { connect } from "node:net";
import { escapeUri, HttpResponse } from "@smithy/core/protocols";
import { LONGEST_TIMER_MS } from "../system/sleep.ts";
import { DestinationError } from "./destination.ts";
import { RequestBody } from "./request-body.ts";

/** The part of a request, as the SDK and its signer have it, that goes over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null> | undefined;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

/** An answer that was read completely; names of headers are in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array;
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

/** More than a listing of 1000 of the longest keys, of which each byte was escaped. */
const LONGEST_ANSWER_BYTES = 8 * 1024 * 1024;
const SLOWEST_BYTES_PER_SECOND = 32 * 1024;

/**
 * Carries requests by fetch, which costs half the processor time and memory of the SDK's own handler, whose place it
 * takes in the SDK's client.
 *
 * fetch tells nothing between the start and the answer, so two things stand in for its missing timeouts: a
 * connection is tried out before the first request and after each failure, and a request ends when it has taken
 * the allowed silence plus what its body, or the range it asks for, takes at the slowest speed.
 */
export class Transport {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #options: TransportOptions;
  readonly #tls: Bun.TLSOptions;
  #isProven = false;

  constructor(options: TransportOptions) {
    this.#options = options;
    const { trustedCertificates } = options;
    this.#tls = { rejectUnauthorized: true, ...(trustedCertificates && { ca: trustedCertificates }) };
  }

  /**
   * Sends a request and reads its answer, whatever its status. Afterwards, also after a failure, nothing reads from its
   * body any more.
   *
   * @throws DestinationError if the answer is none of S3; the signal's reason; an error with the code `ETIMEDOUT`; what the connection failed with
   */
  async send(request: WireRequest, signal?: AbortSignal): Promise<Answer> {
    const url = wireUrl(request);
    const body = request.body as Uint8Array<ArrayBuffer> | string | undefined;
    const isWithBody = body !== undefined && request.method !== "GET" && request.method !== "HEAD";
    const outgoing = isWithBody ? new RequestBody(body) : undefined;
    const deadline = new Deadline(this.#timeoutMs((body?.length ?? 0) + rangeBytes(request.headers)), signal);
    try {
      await this.#prove(url, deadline.signal);
      const response = await fetch(url, {
        method: request.method,
        headers: request.headers,
        ...outgoing?.init(request.headers),
        redirect: "manual",
        decompress: false,
        keepalive: true,
        tls: this.#tls,
        signal: deadline.signal,
      });
      const answer = await readAnswer(response, LONGEST_ANSWER_BYTES + rangeBytes(request.headers));
      if (response.ok && outgoing?.isSent === false) throw answeredTooEarly();
      this.#isProven = true;
      const headers = Object.fromEntries(response.headers as unknown as Iterable<[string, string]>);
      return { status: response.status, headers, body: answer };
    } catch (error) {
      this.#isProven = false;
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    } finally {
      deadline.clear();
      outgoing?.end();
    }
  }

  /** What the SDK's client calls. */
  async handle(request: WireRequest, options: { abortSignal?: unknown } = {}) {
    const { status, headers, body } = await this.send(
      request,
      options.abortSignal as AbortSignal | undefined,
    );
    return { response: new HttpResponse({ statusCode: status, headers, body }) };
  }

  #timeoutMs(bodyBytes: number): number {
    return this.#options.timeoutMs + (bodyBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
  }

  async #prove(address: string, signal: AbortSignal): Promise<void> {
    if (this.#isProven) return;
    const url = new URL(address);
    if (!this.#options.isProxied(url)) await tryConnection(url, this.#options.connectTimeoutMs, signal);
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  destroy(): void {}
}

/** How much of an object a request asks for. */
function rangeBytes({ range = "" }: Record<string, string>): number {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return from === undefined ? 0 : Number(to) - Number(from) + 1;
}

/**
 * Reads all of an answer.
 *
 * @throws DestinationError if there is more of it than S3 would send
 */
async function readAnswer(response: Response, maxBytes: number): Promise<Uint8Array> {
  const announced = Number(response.headers.get("content-length") ?? Number.NaN);
  if (announced <= maxBytes) return response.bytes();
  if (announced > maxBytes) {
    void response.body?.cancel();
    throw answerTooLarge();
  }
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body ?? []) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw answerTooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function answerTooLarge(): DestinationError {
  return notOfS3("it is larger than any of its answers");
}

/** What was not read cannot have been stored. */
function answeredTooEarly(): DestinationError {
  return notOfS3("it came before the object was sent");
}

function notOfS3(why: string): DestinationError {
  return new DestinationError(`the answer is not that of S3: ${why}`, true, undefined, "endpoint");
}

/** Ends a request after some time, or when the signal of who asked for it is aborted. */
class Deadline {
  readonly #controller = new AbortController();
  readonly #asker: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #onAbort = () => this.#controller.abort(this.#asker?.reason);

  constructor(ms: number, asker: AbortSignal | undefined) {
    this.#asker = asker;
    asker?.addEventListener("abort", this.#onAbort, { once: true });
    if (asker?.aborted) this.#onAbort();
    this.#timer = setTimeout(() => this.#controller.abort(timedOut()), Math.min(ms, LONGEST_TIMER_MS));
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#asker?.removeEventListener("abort", this.#onAbort);
  }
}

function timedOut(): Error {
  return Object.assign(new Error("timed out"), { code: "ETIMEDOUT" });
}

/** Percent-encoded as the signature has it, so that both speak of the same address. */
function wireUrl({ protocol, hostname, port, path, query = {} }: WireRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((v) => (v === null ? escapeUri(name) : `${escapeUri(name)}=${escapeUri(v)}`)),
  );
  const search = pairs.length > 0 ? `?${pairs.join("&")}` : "";
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${search}`;
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
