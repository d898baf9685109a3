import { AGENTS, type Kind } from "./agents.ts";
import { Random, WHEEL_BITS, wheel } from "./random.ts";

/** Somebody who sends requests: all of it follows from the seed and the visitor's number. */
export interface Visitor {
  readonly address: string;
  readonly user: string;
  /** Index into AGENTS. */
  readonly agent: number;
}

const AGENT_WHEELS: Record<Kind, Uint16Array> = {
  browser: agentWheel("browser"),
  crawler: agentWheel("crawler"),
  tool: agentWheel("tool"),
  scanner: agentWheel("scanner"),
  monitor: agentWheel("monitor"),
};

const USERS = ["deploy", "reports", "ana", "joao", "stock-sync", "partner-17"];
const CRAWLER_NETS = ["66.249", "157.55", "40.77", "95.108", "54.36"];
/** First bytes of addresses that belong to no private, test or multicast net. */
const FIRST_BYTES = [
  18, 31, 37, 46, 52, 62, 71, 77, 80, 84, 89, 95, 104, 109, 131, 138, 151, 177, 179, 186, 187, 189, 191, 200,
  201, 213,
];
const IPV6_NETS = ["2804:14c", "2804:14d", "2804:7f4", "2a02:8109", "2600:1700", "2409:4072"];

const random = new Random(0);

/** The visitor with a number; the same for the same seed and kind. */
export function visitor(seed: number, number: number, kind: Kind): Visitor {
  random.reseed(seed, number);
  const agent = AGENT_WHEELS[kind][random.next() >>> (32 - WHEEL_BITS)]!;
  const hasUser = kind === "tool" && random.below(10) < 3;
  const user = hasUser ? pick(USERS) : "-";
  return { address: addressOf(kind), user, agent };
}

function addressOf(kind: Kind): string {
  if (kind === "monitor") return `10.0.${1 + random.below(4)}.${10 + random.below(6)}`;
  if (kind === "crawler") return `${pick(CRAWLER_NETS)}.${random.below(32)}.${1 + random.below(254)}`;
  if (kind === "browser" && random.below(100) < 14) return ipv6Address();
  return `${pick(FIRST_BYTES)}.${random.below(256)}.${random.below(256)}.${1 + random.below(254)}`;
}

/** No group is 0, so there is nothing to shorten. */
function ipv6Address(): string {
  let address = pick(IPV6_NETS);
  for (let group = 0; group < 6; group++) address += `:${(1 + random.below(0xffff)).toString(16)}`;
  return address;
}

function pick<T>(choices: readonly T[]): T {
  return choices[random.below(choices.length)]!;
}

function agentWheel(kind: Kind): Uint16Array {
  return wheel(AGENTS.map((agent) => (agent.kind === kind ? agent.weight : 0)));
}
