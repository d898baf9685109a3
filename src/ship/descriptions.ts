import { escapeName, keyOf, pieceNameOf } from "../contract/shipped-key.ts";
import { shippedMetadata } from "../contract/shipped-metadata.ts";
import type { Cut } from "./cut.ts";
import type { Generation } from "./generation.ts";
import type { OutgoingPiece, ShipSettings } from "./source.ts";
import { sourceNameOf } from "./source-files.ts";
import type { Intention } from "./state.ts";

type Description = Pick<OutgoingPiece, "localName" | "key" | "isGzip" | "records" | "metadata">;

/** What the pieces of a log are called, and what is said of them where they are stored. */
export class Descriptions {
  readonly #path: string;
  readonly #settings: Pick<ShipSettings, "host" | "template" | "isGzip">;
  readonly #names: { readonly host: string; readonly source: string };

  constructor(path: string, settings: Pick<ShipSettings, "host" | "template" | "isGzip">) {
    this.#path = path;
    this.#settings = settings;
    this.#names = { host: settings.host, source: escapeName(sourceNameOf(path)) };
  }

  /** What is to be stored of a generation, by its id, when a piece of it has been cut. */
  intention(generation: string, { first, bytes, records, crc32 }: Cut, begunAtMs: number): Intention {
    const { template, isGzip } = this.#settings;
    const name = pieceNameOf(this.#path);
    const key = keyOf(template, { ...this.#names, name, generation, offset: first, begunAtMs });
    const last = first + bytes.length;
    return { first, last, key: isGzip ? `${key}.gz` : key, isGzip, records, crc32, begunAtMs };
  }

  /** The piece of an intention, which may be of an earlier process with other settings. */
  of({ id, start, previous, lostBytes }: Generation, intention: Intention): Description {
    const { first, last, key, isGzip, records, crc32 } = intention;
    return {
      localName: `${this.#path}:${first}-${last}`,
      key: isGzip ? key.slice(0, -".gz".length) : key,
      isGzip,
      records,
      metadata: shippedMetadata({
        ...this.#names,
        generation: id,
        first,
        last,
        crc32,
        start,
        previous,
        lostBytes,
      }),
    };
  }
}
