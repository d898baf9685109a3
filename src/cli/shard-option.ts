import { type Shard, shardText, stretchOf } from "../contract/shard.ts";
import { NotParsed, unableToParse } from "../system/errors.ts";
import { wholeNumber } from "../system/quantity.ts";
import type { Host } from "./command.ts";
import { option } from "./options.ts";

type Environment = Host["environment"];

/** A shard, or how to find out which one it is once the environment is known. */
type ShardChoice = (environment: Environment) => Shard;

export const shardOption = option(
  "--shard <k/n>",
  "only the k-th of n equal stretches of the log; n alone takes k from AWS Batch, Kubernetes or Slurm",
  parseShard,
);

function parseShard(text: string): ShardChoice {
  const [, numberText, ofText] = /^(?:(\d+)\/)?(\d+)$/.exec(text) ?? [];
  const of = Number(ofText);
  if (!Number.isSafeInteger(of) || of < 1)
    throw new NotParsed("must be K/N such as 3/12, K from 1 to N, or N alone");
  if (numberText === undefined) return (environment) => shardOfEngine(of, environment);
  const number = Number(numberText);
  if (number < 1 || number > of) throw new NotParsed(`K must be from 1 to ${of}`);
  return () => ({ number, of });
}

/** Where the engines say which process of how many this is; the first of them that is set counts. */
const ENGINES = [
  { index: "AWS_BATCH_JOB_ARRAY_INDEX", count: "AWS_BATCH_JOB_ARRAY_SIZE" },
  { index: "JOB_COMPLETION_INDEX" },
  {
    index: "SLURM_ARRAY_TASK_ID",
    count: "SLURM_ARRAY_TASK_COUNT",
    first: "SLURM_ARRAY_TASK_MIN",
    step: "SLURM_ARRAY_TASK_STEP",
  },
] as const satisfies { index: string; count?: string; first?: string; step?: string }[];

/** @throws UsageError also if the engine's array has another size: then its numbers mean something else */
function shardOfEngine(of: number, environment: Environment): Shard {
  const engine: Record<string, string> | undefined = ENGINES.find(({ index }) => environment[index]);
  const refused = (reason: string) => unableToParse(`--shard ${of}`, reason);
  if (!engine)
    throw refused(`no ${ENGINES.map(({ index }) => index).join(", ")} to say which one; or give K/${of}`);
  const numberIn = (name: string | undefined, otherwise: number) => {
    const text = name === undefined ? undefined : environment[name];
    if (name === undefined || !text) return otherwise;
    try {
      return wholeNumber(0)(text);
    } catch {
      throw refused(`${name} is not a whole number`);
    }
  };
  const count = numberIn(engine.count, of);
  if (count !== of) throw refused(`${engine.count} is ${count}; for a part of an array give K/${of}`);
  const index = numberIn(engine.index, 0);
  const place = (index - numberIn(engine.first, 0)) / numberIn(engine.step, 1);
  if (!Number.isInteger(place) || place < 0 || place >= of)
    throw refused(`${engine.index} ${index} is none of ${of}; give K/${of}`);
  return { number: place + 1, of };
}

/** A shard, and the records of the log that are its. */
export interface Stretch {
  readonly shard: Shard;
  /** Counted from the beginning of what all the shards share. */
  readonly first: number;
  readonly records: number;
}

interface StretchOptions {
  readonly shard: ShardChoice | undefined;
  readonly seed: number | undefined;
  readonly start: unknown;
  readonly records: number | undefined;
  readonly bytes: number | undefined;
  readonly duration: number | undefined;
}

/**
 * The part of the log that `--shard` asks for, if it does.
 *
 * @throws UsageError if the other options do not say which log it is a part of
 */
export function stretchFromOptions(options: StretchOptions, { environment }: Host): Stretch | undefined {
  if (options.shard === undefined) return undefined;
  const shard = options.shard(environment);
  const refused = (reason: string) => unableToParse(`--shard ${shardText(shard)}`, reason);
  const { seed, start, records, bytes, duration } = options;
  if (records === undefined || seed === undefined || start === undefined)
    throw refused("needs --seed, --start and --records, which say what log it is a part of");
  if (bytes !== undefined || duration !== undefined)
    throw refused("is a part of so many --records; --bytes and --duration do not go with it");
  return { shard, ...stretchOf(shard, records) };
}
