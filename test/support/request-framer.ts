/** The beginning of an HTTP/1.1 request. */
export interface RequestHead {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Record<string, string>;
  /** 0 where the request has no body, Infinity where it is chunked. */
  readonly contentLength: number;
}

interface Listener {
  head(head: RequestHead, bytes: Uint8Array): void;
  body(bytes: Uint8Array): void;
  end(): void;
}

/** Finds the requests in the bytes of a connection; nothing is decoded, so that they can be passed on unchanged. */
export class RequestFramer {
  #listener: Listener;
  #head: Buffer = Buffer.alloc(0);
  #bodyLeft = 0;
  #isChunked = false;
  #tail = "";

  constructor(listener: Listener) {
    this.#listener = listener;
  }

  push(bytes: Uint8Array): void {
    let rest = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    while (rest.length > 0) {
      if (this.#isChunked) rest = this.#takeChunked(rest);
      else if (this.#bodyLeft > 0) rest = this.#takeBody(rest);
      else rest = this.#takeHead(rest);
    }
  }

  #takeHead(bytes: Buffer): Buffer {
    this.#head = Buffer.concat([this.#head, bytes]);
    const end = this.#head.indexOf("\r\n\r\n");
    if (end < 0) return Buffer.alloc(0);
    const headBytes = this.#head.subarray(0, end + 4);
    const rest = Buffer.from(this.#head.subarray(end + 4));
    this.#head = Buffer.alloc(0);
    const head = parseHead(headBytes.toString("latin1"));
    this.#isChunked = head.contentLength === Number.POSITIVE_INFINITY;
    this.#bodyLeft = this.#isChunked ? 0 : head.contentLength;
    this.#listener.head(head, headBytes);
    if (head.contentLength === 0) this.#listener.end();
    return rest;
  }

  #takeBody(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.#bodyLeft);
    this.#bodyLeft -= part.length;
    this.#listener.body(part);
    if (this.#bodyLeft === 0) this.#listener.end();
    return bytes.subarray(part.length);
  }

  /** Without pipelining nothing follows the last chunk, so its mark at the end of the bytes is enough. */
  #takeChunked(bytes: Buffer): Buffer {
    this.#listener.body(bytes);
    this.#tail = (this.#tail + bytes.subarray(-1024).toString("latin1")).slice(-1024);
    if (/(^|\r\n)0\r\n([^\r\n]+\r\n)*\r\n$/.test(this.#tail)) {
      this.#isChunked = false;
      this.#tail = "";
      this.#listener.end();
    }
    return bytes.subarray(bytes.length);
  }
}

function parseHead(text: string): RequestHead {
  const [requestLine = "", ...lines] = text.trimEnd().split("\r\n");
  const [method = "", path = ""] = requestLine.split(" ");
  const pairs = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  const headers = Object.fromEntries(pairs);
  const isChunked = /chunked/i.test(headers["transfer-encoding"] ?? "");
  const contentLength = isChunked ? Number.POSITIVE_INFINITY : Number(headers["content-length"] ?? 0);
  return { method, path, headers, contentLength };
}
