/**
 * A proxy on loopback that stands in front of an S3 server and does to its requests what networks and busy
 * servers do. It works on the bytes of the connection: a request is passed on as it came, signature and all.
 */
import { type Fault, faultyAnswer, type Plan } from "./faults.ts";
import { RequestFramer, type RequestHead } from "./request-framer.ts";

/** A request as the proxy saw it, in the order of arrival. */
export interface SeenRequest extends RequestHead {
  /** What was done to it; undefined if it was passed on untouched. */
  readonly fault: Fault | undefined;
  /** When its head had arrived, on the clock of `performance.now()`. */
  readonly atMs: number;
  /** Status of the answer that the client was given; undefined if it got none. */
  status: number | undefined;
  answeredMs: number | undefined;
  /** Bytes of the body that the proxy received. */
  bodyBytes: number;
  /** The beginning of what the server answered, head and body, byte for byte in Latin-1. */
  answer: string;
}

/** Enough for the head of an answer and an error in XML. */
const KEPT_OF_ANSWER = 4096;

export interface FaultProxy {
  readonly endpoint: string;
  readonly requests: SeenRequest[];
  /** Replaces the plan for the requests that come from now on. */
  setPlan(plan: Plan): void;
  stop(): void;
}

/** Starts a proxy in front of `http://host:port`; the plan is asked once for each request. */
export function startFaultProxy(upstream: string, plan: Plan = () => undefined): FaultProxy {
  const { hostname, port } = new URL(upstream);
  const requests: SeenRequest[] = [];
  let currentPlan = plan;
  const onRequest = (head: RequestHead): SeenRequest => {
    const request = {
      ...head,
      fault: currentPlan(head, requests.length),
      atMs: performance.now(),
      status: undefined,
      answeredMs: undefined,
      bodyBytes: 0,
      answer: "",
    };
    requests.push(request);
    return request;
  };
  const server = Bun.listen<Connection>({
    hostname: "127.0.0.1",
    port: 0,
    socket: {
      open: (socket) => {
        socket.data = new Connection(socket, hostname, Number(port), onRequest);
      },
      data: (socket, bytes) => socket.data.receive(bytes),
      drain: (socket) => socket.data.toClient.flush(),
      close: (socket) => socket.data.end(),
      error: (socket) => socket.data.end(),
    },
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    requests,
    setPlan: (next) => {
      currentPlan = next;
    },
    stop: () => server.stop(true),
  };
}

/** One connection of a client and the one to the server that belongs to it. */
class Connection {
  readonly toClient: Outlet;
  #client: Bun.Socket<Connection>;
  #toServer: Outlet | undefined;
  #upstream: Promise<Bun.Socket<undefined>> | undefined;
  #framer: RequestFramer;
  #current: SeenRequest | undefined;
  #hostname: string;
  #port: number;
  #isOver = false;
  #slowedUntil = 0;
  #held: Uint8Array[] = [];
  #pending: Promise<void> = Promise.resolve();

  constructor(
    client: Bun.Socket<Connection>,
    hostname: string,
    port: number,
    onRequest: (head: RequestHead) => SeenRequest,
  ) {
    this.#client = client;
    this.#hostname = hostname;
    this.#port = port;
    this.toClient = new Outlet(client);
    this.#framer = new RequestFramer({
      head: (head, bytes) => {
        this.#current = onRequest(head);
        this.#atHead(this.#current, bytes);
      },
      body: (bytes) => this.#atBody(bytes),
      end: () => this.#atEnd(),
    });
  }

  /** Bytes are handled strictly one after the other, also while a slow request makes the proxy wait. */
  receive(bytes: Uint8Array): void {
    const copy = bytes.slice();
    this.#pending = this.#pending.then(async () => {
      if (this.#isOver) return;
      this.#framer.push(copy);
      await this.#slowDown(copy.length);
    });
  }

  end(): void {
    this.#isOver = true;
    this.#upstream?.then((socket) => socket.terminate()).catch(() => {});
  }

  /** Passes on what a slow request has sent only after the time that it takes at its speed. */
  async #slowDown(length: number): Promise<void> {
    const fault = this.#current?.fault;
    if (fault?.kind !== "slow") return;
    this.#client.pause();
    this.#slowedUntil =
      Math.max(this.#slowedUntil, performance.now()) + (length / fault.bytesPerSecond) * 1000;
    await Bun.sleep(this.#slowedUntil - performance.now());
    if (this.#isOver) return;
    this.#passOnHeld();
    this.#client.resume();
  }

  #passOnHeld(): void {
    for (const bytes of this.#held.splice(0)) this.#passOn(bytes);
  }

  #atHead({ fault }: SeenRequest, bytes: Uint8Array): void {
    this.#passOnHeld(); // the end of the request before, if it came in one read with this head
    if (fault?.kind === "reset" && fault.at === "head") {
      this.#reset();
      return;
    }
    if (fault?.kind === "answer" && fault.at === "head") {
      this.#answer(fault, true);
      return;
    }
    if (isPassedOn(fault)) this.#passOn(bytes);
  }

  #atBody(bytes: Uint8Array): void {
    const request = this.#current;
    if (!request || this.#isOver) return;
    request.bodyBytes += bytes.length;
    const { fault } = request;
    const isHalf = request.bodyBytes * 2 >= request.contentLength;
    if (fault?.kind === "reset" && fault.at === "body" && isHalf) {
      this.#reset();
      return;
    }
    const isFirst = request.bodyBytes === bytes.length;
    if (fault?.kind === "slow") this.#held.push(bytes.slice());
    else if (fault?.kind === "damage" && isFirst) this.#passOn(damaged(bytes));
    else if (isPassedOn(fault)) this.#passOn(bytes);
  }

  #atEnd(): void {
    const fault = this.#current?.fault;
    if (this.#isOver) return;
    if (fault?.kind === "answer") this.#answer(fault, false);
    if (fault?.kind === "reset" && fault.at === "body") this.#reset();
  }

  #answer(fault: Extract<Fault, { kind: "answer" }>, isLast: boolean): void {
    if (this.#current) this.#current.status = fault.status;
    this.toClient.write(faultyAnswer(fault, this.#current?.method ?? "GET", isLast));
    if (!isLast) return;
    this.#isOver = true;
    this.#client.end();
  }

  #reset(): void {
    this.#client.terminate();
    this.end();
  }

  #passOn(bytes: Uint8Array): void {
    if (this.#toServer) {
      this.#toServer.write(bytes);
      return;
    }
    this.#upstream ??= this.#connect();
    const copy = bytes.slice();
    this.#upstream.then(() => this.#toServer?.write(copy)).catch(() => this.#reset());
  }

  #connect(): Promise<Bun.Socket<undefined>> {
    return Bun.connect({
      hostname: this.#hostname,
      port: this.#port,
      socket: {
        open: (socket) => {
          this.#toServer = new Outlet(socket);
        },
        data: (_, bytes) => this.#onAnswer(bytes),
        drain: () => this.#toServer?.flush(),
        close: () => {
          this.#client.end();
        },
        error: () => this.#reset(),
      },
    });
  }

  #onAnswer(bytes: Uint8Array): void {
    const request = this.#current;
    if (request?.fault?.kind === "reset" && request.fault.at === "answer") {
      this.#reset();
      return;
    }
    if (request && request.answer.length < KEPT_OF_ANSWER)
      request.answer += Buffer.from(bytes.subarray(0, KEPT_OF_ANSWER - request.answer.length)).toString(
        "latin1",
      );
    const status = /^HTTP\/1\.1 (\d{3}) /.exec(Buffer.from(bytes.subarray(0, 16)).toString("latin1"))?.[1];
    if (request && status && status !== "100") {
      request.status = Number(status);
      request.answeredMs = performance.now();
    }
    if (request?.fault?.kind === "truncate") {
      this.toClient.write(bytes.subarray(0, 20));
      this.#reset();
      return;
    }
    this.toClient.write(bytes);
  }
}

function isPassedOn(fault: Fault | undefined): boolean {
  if (fault === undefined || ["slow", "truncate", "damage"].includes(fault.kind)) return true;
  return fault.kind === "reset" && fault.at === "answer";
}

function damaged(bytes: Uint8Array): Uint8Array {
  const copy = bytes.slice();
  copy[0]! ^= 1;
  return copy;
}

/** The writing half of a socket, with what its kernel buffer has not taken yet. */
class Outlet {
  #socket: Bun.Socket<unknown>;
  #waiting: Uint8Array[] = [];

  constructor(socket: Bun.Socket<unknown>) {
    this.#socket = socket;
  }

  write(bytes: Uint8Array): void {
    this.#waiting.push(bytes.slice());
    this.flush();
  }

  flush(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const written = this.#socket.write(next);
      if (written < 0) return;
      if (written < next.length) {
        this.#waiting[0] = next.subarray(written);
        return;
      }
      this.#waiting.shift();
    }
  }
}
