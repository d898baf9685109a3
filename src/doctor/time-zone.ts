import { existsSync } from "node:fs";
import { NotParsed } from "../system/errors.ts";
import { contentOrNothing } from "../system/regular-file.ts";
import { shell } from "../system/shell-command.ts";
import { knownTimeZone } from "../time/time-zone.ts";
import { type Finding, ok, warning } from "./finding.ts";

const DATA = "/usr/share/zoneinfo";

/** @param name The variable TZ. */
export function checkTimeZone(name: string | undefined): Finding[] {
  const check = "time zone";
  if (name === "" || name === "UTC") return [ok(check, "UTC, by TZ")];
  const given = name ?? "/etc/localtime";
  if (isKnown(given)) return [ok(check, name === undefined ? given : `${name}, by TZ`)];
  if (!existsSync(DATA)) {
    const install = existsSync("/usr/bin/apt-get")
      ? shell`apt-get install tzdata`
      : shell`yum install tzdata`;
    return [warning(check, `${DATA} is not there: local times are UTC`, install)];
  }
  if (name !== undefined)
    return [warning(check, `TZ=${name} is no time zone of this host: local times are UTC`, shell`unset TZ`)];
  return [
    existsSync(given)
      ? warning(check, `${given} is no zone: local times are UTC`, shell`rm ${given}`)
      : ok(check, "UTC"),
  ];
}

function isKnown(name: string): boolean {
  try {
    knownTimeZone(name, contentOrNothing);
    return true;
  } catch (error) {
    if (error instanceof NotParsed) return false;
    throw error;
  }
}
