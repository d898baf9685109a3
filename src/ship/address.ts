import type { SourceState } from "./state.ts";

/** Where the pieces of a log go, and under whose name. */
export interface Address {
  /** `s3://bucket/prefix/`, `file:///dir`: without anything secret. */
  readonly destination: string;
  /** Escaped, as in keys. */
  readonly host: string;
}

/** Whether a state is about what is stored at an address; those of earlier versions do not tell, and are taken as they are. */
export function isAbout({ destination, host }: SourceState, address: Address): boolean {
  return (
    (destination ?? address.destination) === address.destination && (host ?? address.host) === address.host
  );
}

/** Says that a log was shipped elsewhere until now, so that nothing of it is known to be where it goes from now on. */
export function goesElsewhere(state: SourceState, address: Address, from: "start" | "end"): string {
  const isOtherHost = state.host !== undefined && state.host !== address.host;
  const textOf = (destination: string, host: string | undefined) =>
    isOtherHost ? `${destination} by host ${host}` : destination;
  const before = textOf(state.destination ?? address.destination, state.host);
  const now = textOf(address.destination, address.host);
  const begun = from === "end" ? "end: what was not shipped yet is left out" : "start";
  return `${state.source} was shipped to ${before} until now, and what is there stays; to ${now} it is shipped from its ${begun}`;
}
