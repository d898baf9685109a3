import { durationText } from "../system/quantity-text.ts";
import type { ShipHost, Source } from "./source.ts";

const EVERY_MS = 60_000;

/** Says once a minute how far behind everything is, as long as the destination keeps failing. */
export class LagReport {
  readonly #host: ShipHost;
  #nextMs: number | undefined;

  constructor(host: ShipHost) {
    this.#host = host;
  }

  tell(sources: readonly Source[]): void {
    const { uploader, messages, clock } = this.#host;
    const { elapsedMs, wallMs } = clock();
    if (!uploader.isFailing) {
      this.#nextMs = undefined;
      return;
    }
    this.#nextMs ??= elapsedMs + EVERY_MS;
    if (elapsedMs < this.#nextMs) return;
    this.#nextMs = elapsedMs + EVERY_MS;
    const lags = sources.map(({ lag }) => lag);
    const bytes = lags.reduce((sum, lag) => sum + lag.bytes, 0);
    const sinceMs = Math.min(...lags.map((lag) => lag.sinceMs ?? wallMs));
    messages.warning(
      `still unable to upload to ${uploader.destinationName}: ${bytes} bytes behind, the oldest line was seen ${durationText(wallMs - sinceMs)} ago`,
    );
  }
}
