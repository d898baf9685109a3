import { DestinationError } from "./destination.ts";
import { explainS3Error } from "./s3-errors.ts";
import { type Answer, Transport, type WireRequest } from "./transport.ts";

/** Carries requests for keys, and remembers what the last one failed with: the SDK's providers do not tell it. */
export class KeyTransport extends Transport {
  #failure: DestinationError | undefined;

  /** Why there are no keys; undefined if nothing was asked, or it was answered well. */
  get failure(): DestinationError | undefined {
    return this.#failure;
  }

  override async send(request: WireRequest, signal?: AbortSignal): Promise<Answer> {
    this.#failure = undefined;
    try {
      const answer = await super.send(request, signal);
      if (answer.status >= 400) this.#failure = failureOf(request, `status ${answer.status}`);
      return answer;
    } catch (error) {
      this.#failure = failureOf(request, explainS3Error(error).reason);
      throw error;
    }
  }
}

function failureOf({ hostname }: WireRequest, reason: string): DestinationError {
  return new DestinationError(`${hostname}: ${reason}`, true, undefined, "credentials");
}
