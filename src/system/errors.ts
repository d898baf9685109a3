import { errnoName, errnoText } from "./errno.ts";

/** What `logship doctor` can look at to explain why a destination does not work. */
export type Topic =
  | "access"
  /** A bucket of somebody else's. */
  | "account"
  | "bucket"
  | "clock"
  | "credentials"
  | "endpoint"
  /** The name of a server that cannot be looked up. */
  | "name"
  /** A server that speaks no TLS. */
  | "plain"
  | "region"
  /** A session token of the environment. */
  | "session"
  /** A sign-on of the profile that is over. */
  | "sign-on"
  | "tls";

/** The wanted work failed now and may succeed later: `main.ts` prints the message and exits 111. */
export class FatalError extends Error {
  readonly exitCode: number = 111;
  /** Given where doctor knows more; `main.ts` then adds `(see logship doctor)` to the message. */
  readonly topic: Topic | undefined;

  constructor(message: string, options: { cause?: unknown; topic?: Topic | undefined } = {}) {
    super(message, options);
    this.topic = options.topic;
  }
}

/** The caller asked for something that can never work: `main.ts` prints the message and exits 100. */
export class UsageError extends FatalError {
  override readonly exitCode = 100;
}

/** Thrown by a value parser; the reader of the option adds which option it was. */
export class NotParsed extends Error {}

/** Thrown where it is known why something may not be; the message is the reason, and the catcher adds what was to be done. */
export class Refused extends Error {}

/**
 * Builds the error `unable to <verb> <thing>: <reason>`.
 *
 * @param thing What the verb was about, with its path or address, once.
 * @param cause A reason in our words, also as `Refused`, or the error of a failed system call (its errno text is used,
 *   never its message, which repeats the path and differs between runtimes).
 */
export function unableTo(verb: string, thing: string, cause: unknown, topic?: Topic): FatalError {
  return new FatalError(describe(verb, thing, cause), { cause, topic });
}

/** As `unableTo()`, for input that has to be corrected first. */
export function unableToParse(thing: string, reason: string, topic?: Topic): UsageError {
  return new UsageError(describe("parse", thing, reason), { topic });
}

/** The sentence that `unableTo()` puts into its error, for warnings about work that goes on. */
export function describe(verb: string, thing: string, cause: unknown): string {
  return `unable to ${verb} ${thing}: ${reasonOf(cause)}`;
}

/** The reason to print for a cause; an error that is not of the system is a bug and is thrown on. */
export function reasonOf(cause: unknown): string {
  if (typeof cause === "string") return cause;
  if (cause instanceof Refused) return cause.message;
  const name = errnoName(cause);
  if (name !== undefined) return errnoText(name);
  throw cause;
}
