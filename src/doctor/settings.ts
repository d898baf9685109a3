import { closest, distance } from "fastest-levenshtein";
import { shell } from "../system/shell-command.ts";
import { type Finding, failed, ok, warning } from "./finding.ts";

/** A variable that commands of logship read. */
export interface KnownVariable {
  readonly name: string;
  /** Why commands do not take a text, by their names; none if all do. */
  problems(text: string): readonly { readonly command: string; readonly reason: string }[];
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What setup tells its own script. */
const INTERNAL = /^LOGSHIP_SETUP_/;
/** Of others, those that decide where requests go and whom to trust; none is a secret, but for a password within. */
const FOREIGN =
  /^(AWS_(PROFILE|REGION|DEFAULT_REGION|ENDPOINT_URL|ENDPOINT_URL_(S3|STS|SSO)|USE_(FIPS|DUALSTACK)_ENDPOINT|CA_BUNDLE|CONFIG_FILE|SHARED_CREDENTIALS_FILE)|SSL_CERT_(FILE|DIR)|NODE_EXTRA_CA_CERTS|(https?|all|no)_proxy)$/i;
/** Of these, the ones that are addresses. */
const ADDRESS = /^(AWS_ENDPOINT_URL\w*|(https?|all)_proxy)$/i;
/** Those of the runtime that the build has closed, and one that requests overrule. */
const WITHOUT_EFFECT =
  /^(BUN_(BE_BUN|BYTECODE_\w+_OUT|CONFIG_VERBOSE_FETCH|CRASH_REPORT_URL|ENABLE_CRASH_REPORTING|INSPECT(_\w+)?|OPTIONS)|NODE_TLS_REJECT_UNAUTHORIZED)$/;
/** What else it reads: switches of its engine, of its network and of its memory. */
const RUNTIME = /^BUN_(JSC|CONFIG|FEATURE_FLAG|GC|GARBAGE_COLLECTOR|DEBUG)_\w+$/;

/**
 * What is set and where; what is not set has its default.
 *
 * @param given Options on the command line, as typed: `--to` to its text.
 */
export function checkSettings(
  known: readonly KnownVariable[],
  given: ReadonlyMap<string, string>,
  environment: Environment,
): Finding[] {
  const options = [...given].map(([name, text]) =>
    ok("setting", `${withoutPassword(`${name} ${text}`.trim())}, an option`),
  );
  const names = Object.keys(environment)
    .filter((name) => environment[name])
    .sort();
  const own = names.filter((name) => name.startsWith("LOGSHIP_") && !INTERNAL.test(name));
  const foreign = names.filter((name) => FOREIGN.test(name));
  const runtime = names.filter((name) => WITHOUT_EFFECT.test(name) || RUNTIME.test(name));
  return [
    ...options,
    ...own.map((name) => checkVariable(name, environment[name]!, known)),
    ...foreign.map((name) => ok("setting", `${settingText(name, environment[name]!)}, a variable`)),
    ...runtime.map(checkRuntime),
  ];
}

function checkRuntime(name: string): Finding {
  if (WITHOUT_EFFECT.test(name)) return ok("setting", `${name} is set, and has no effect on logship`);
  const text = `${name} is for the runtime inside logship, which it may slow down or end`;
  return warning("setting", text, shell`unset ${name}`);
}

function checkVariable(name: string, text: string, known: readonly KnownVariable[]): Finding {
  const variable = known.find((candidate) => candidate.name === name);
  const unset = shell`unset ${name}`;
  if (!variable) {
    const names = known.map((candidate) => candidate.name);
    const nearest = closest(name, names);
    const meant = distance(name, nearest) <= 3 ? `; ${nearest} may be meant` : "";
    return warning("setting", `${name} is no variable that logship knows${meant}`, unset);
  }
  const problems = variable.problems(text);
  const [first] = problems;
  const setting = settingText(name, text);
  if (!first) return ok("setting", `${setting}, a variable`);
  const commands = problems.map(({ command }) => command).join(", ");
  return failed("setting", `${setting} ${first.reason} (logship ${commands})`, unset);
}

function settingText(name: string, text: string): string {
  return `${name}=${ADDRESS.test(name) ? withoutUser(text) : withoutPassword(text)}`;
}

/** An address may be without a scheme, and its password with any character, though it should not: all up to the last `@` is hidden. */
function withoutUser(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/is, "$1…@");
}

/** In a text that may be a URL with one. */
function withoutPassword(text: string): string {
  return text.replace(/(:\/\/)[^/@\s]*@/g, "$1…@");
}
