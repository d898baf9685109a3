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
/** Of others, those that decide where requests go; none of them is a secret, but for a password within. */
const FOREIGN =
  /^(AWS_(PROFILE|REGION|DEFAULT_REGION|ENDPOINT_URL|ENDPOINT_URL_S3|CA_BUNDLE|CONFIG_FILE|SHARED_CREDENTIALS_FILE)|(https?|no)_proxy)$/i;

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
  return [
    ...options,
    ...own.map((name) => checkVariable(name, environment[name]!, known)),
    ...foreign.map((name) => ok("setting", `${settingText(name, environment[name]!)}, a variable`)),
  ];
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
  return `${name}=${withoutPassword(text)}`;
}

/** URLs of proxies may hold one. */
function withoutPassword(text: string): string {
  return text.replace(/(:\/\/)[^/@\s]*@/g, "$1…@");
}
