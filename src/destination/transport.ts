import { escapeUri, HttpResponse } from "@smithy/core/protocols";
import { tryConnection } from "./connection.ts";
import { Deadline } from "./deadline.ts";
import { DestinationError } from "./destination.ts";
import { withoutRepeated } from "./repeated-secrets.ts";
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
  /** The proxy for this URL; undefined for none, whatever the environment says. */
  readonly proxyFor: (url: URL) => string | undefined;
  /** Who answers, and how much of an answer is read beside the range that was asked for. */
  readonly service: Service;
}

export interface Service {
  /** For messages: `S3`. */
  readonly name: string;
  readonly longestAnswerBytes: number;
}

/** Its longest answer is more than a listing of 1000 of the longest keys, of which each byte was escaped. */
export const S3: Service = { name: "S3", longestAnswerBytes: 8 * 1024 * 1024 };

/** Settings of a bucket are a page at most; several of them are asked for at the same time. */
const LONGEST_SETTING_BYTES = 256 * 1024;

const TOO_LARGE = "it is larger than any of its answers";
const NOTHING = new Uint8Array();
const SLOWEST_BYTES_PER_SECOND = 32 * 1024;

/**
 * Carries requests by fetch, which costs half the processor time and memory of the SDK's own handler, whose place it
 * takes in the SDK's client.
 *
 * fetch tells nothing between the start and the answer, so two things stand in for its missing timeouts: a
 * connection is tried out before the first request to each server and after each failure, and a request ends when it has taken
 * the allowed silence plus what its body, or the range it asks for, takes at the slowest speed.
 */
export class Transport {
  readonly metadata = { handlerProtocol: "http/1.1" };
  readonly #options: TransportOptions;
  readonly #tls: Bun.TLSOptions;
  readonly #proven = new Set<string>();

  constructor(options: TransportOptions) {
    this.#options = options;
    const { trustedCertificates } = options;
    this.#tls = { rejectUnauthorized: true, ...(trustedCertificates && { ca: trustedCertificates }) };
  }

  /**
   * Sends a request and reads its answer, whatever its status; a refusal does not repeat the secrets of its request. Afterwards, also after a failure, nothing reads from its
   * body any more.
   *
   * @throws DestinationError if the answer is larger than it may be, or came too early; the signal's reason; an error with the code `ETIMEDOUT`; what the connection failed with
   */
  async send(request: WireRequest, signal?: AbortSignal): Promise<Answer> {
    const url = wireUrl(request);
    const body = request.body as Uint8Array<ArrayBuffer> | string | undefined;
    const isWithBody = body !== undefined && request.method !== "GET" && request.method !== "HEAD";
    const outgoing = isWithBody ? new RequestBody(body) : undefined;
    const asked = rangeBytes(request.headers);
    const deadline = new Deadline(this.#timeoutMs((body?.length ?? 0) + asked), signal);
    const address = new URL(url);
    const { origin } = address;
    const proxy = this.#options.proxyFor(address);
    try {
      // What a proxy reaches may be out of reach without it.
      if (proxy === undefined) await this.#prove(origin, deadline.signal);
      const response = await fetch(url, {
        method: request.method,
        headers: request.headers,
        ...outgoing?.init(request.headers),
        redirect: "manual",
        decompress: false,
        keepalive: true,
        tls: this.#tls,
        verbose: false, // else a variable of the runtime shows requests with their session token
        // Anything but false leaves it to fetch, which has its own opinion of the variables.
        proxy: proxy === undefined ? false : { url: proxy, respectNoProxy: false },
        signal: deadline.signal,
      });
      const answer =
        request.method === "HEAD"
          ? NOTHING
          : await this.#readAnswer(response, this.#longest(request) + asked);
      // What was not read cannot have been stored.
      if (response.ok && outgoing?.isSent === false)
        throw this.#wrongAnswer("it came before the object was sent");
      this.#proven.add(origin);
      const headers = Object.fromEntries(response.headers as unknown as Iterable<[string, string]>);
      // What is stored may hold anything; what is said of a refusal may be shown.
      const said = response.ok ? answer : withoutRepeated(request.headers, answer);
      return { status: response.status, headers, body: said };
    } catch (error) {
      this.#proven.delete(origin);
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

  /** @throws DestinationError if there is more of it than the service would send */
  async #readAnswer(response: Response, maxBytes: number): Promise<Uint8Array> {
    const announced = Number(response.headers.get("content-length") ?? Number.NaN);
    if (announced <= maxBytes) return response.bytes();
    if (announced > maxBytes) {
      // What it breaks off with is of no interest.
      response.body?.cancel().catch(() => {});
      throw this.#wrongAnswer(TOO_LARGE);
    }
    const chunks: Uint8Array[] = [];
    let sizeBytes = 0;
    for await (const chunk of response.body ?? []) {
      sizeBytes += chunk.length;
      if (sizeBytes > maxBytes) throw this.#wrongAnswer(TOO_LARGE);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  #longest(request: WireRequest): number {
    const { longestAnswerBytes } = this.#options.service;
    return isForSetting(request) ? Math.min(LONGEST_SETTING_BYTES, longestAnswerBytes) : longestAnswerBytes;
  }

  #wrongAnswer(why: string): DestinationError {
    const reason = `the answer is not that of ${this.#options.service.name}: ${why}`;
    return new DestinationError(reason, true, undefined, "endpoint");
  }

  #timeoutMs(bodyBytes: number): number {
    return this.#options.timeoutMs + (bodyBytes / SLOWEST_BYTES_PER_SECOND) * 1000;
  }

  async #prove(origin: string, signal: AbortSignal): Promise<void> {
    if (this.#proven.has(origin)) return;
    await tryConnection(new URL(origin), this.#options.connectTimeoutMs, signal);
  }

  updateHttpClientConfig(): void {}

  httpHandlerConfigs(): Record<string, never> {
    return {};
  }

  destroy(): void {}
}

/** Asks a bucket for something that is no list: `?versioning`. */
function isForSetting({ method, query = {} }: WireRequest): boolean {
  const names = Object.keys(query).filter((name) => name !== "x-id");
  return method === "GET" && names.length > 0 && !("list-type" in query);
}

/** How much of an object a request asks for. */
function rangeBytes({ range = "" }: Record<string, string>): number {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  return from === undefined ? 0 : Number(to) - Number(from) + 1;
}

/** Percent-encoded as the signature has it, so that both speak of the same address. */
function wireUrl({ protocol, hostname, port, path, query = {} }: WireRequest): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((v) => (v === null ? escapeUri(name) : `${escapeUri(name)}=${escapeUri(v)}`)),
  );
  const search = pairs.length > 0 ? `?${pairs.join("&")}` : "";
  return `${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}${search}`;
}
