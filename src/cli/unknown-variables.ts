import { nearestWord } from "../system/quantity.ts";
import type { Host } from "./command.ts";
import { type OptionTable, variableOf } from "./options.ts";

const PREFIX = "LOGSHIP_";
/** What setup tells its own script, what tests are told, and what Kubernetes sets for a service that is called logship. */
const OTHERS = /^LOGSHIP_(SETUP_|TEST_|SERVICE_(HOST|PORT)|PORT(_|$))/;

/**
 * Warns of variables that would set an option if they were not misspelt.
 *
 * @param own Options of the command that runs: only where a variable is none of theirs are the other commands loaded.
 */
export async function warnOfUnknown(
  own: OptionTable,
  { environment, commands, messages }: Host,
): Promise<void> {
  const ownNames = namesOf(own);
  const strange = Object.keys(environment).filter(
    (name) => name.startsWith(PREFIX) && environment[name] && !OTHERS.test(name) && !ownNames.includes(name),
  );
  if (strange.length === 0) return;
  const tables = await Promise.all(commands.map(async ({ load }) => (await load()).options));
  const names = [...new Set(tables.flatMap(namesOf))];
  for (const name of strange.filter((one) => !names.includes(one)).sort()) {
    const rest = nearestWord(withoutPrefix(name), names.map(withoutPrefix));
    const meant = rest === undefined ? "" : ` (Did you mean ${PREFIX}${rest}?)`;
    messages.warning(`unable to use variable ${name}: it sets no option${meant}`);
  }
}

function withoutPrefix(name: string): string {
  return name.slice(PREFIX.length);
}

function namesOf(table: OptionTable): string[] {
  return Object.values(table).map(variableOf);
}
