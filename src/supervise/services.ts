import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { errnoName } from "../system/errno.ts";
import { UsageError, unableTo } from "../system/errors.ts";

/** Where svscan looks: daemontools' own place, and the one Debian's package uses. */
const SERVICES_DIRECTORIES = ["/service", "/etc/service"];

const MISSING = "it is not there: logship setup makes it, or --services DIR names another";

/** The services directory of this host, also if it is not there yet. */
export function servicesDirectory(): string {
  return SERVICES_DIRECTORIES.find((directory) => existsSync(directory)) ?? SERVICES_DIRECTORIES[0]!;
}

/**
 * All that svscan would run in a services directory, by name.
 *
 * @throws FatalError `unable to read services directory /service: <reason>`
 */
export function listServices(services: string): string[] {
  let names: string[];
  try {
    names = readdirSync(services);
  } catch (error) {
    const isMissing = errnoName(error) === "ENOENT";
    throw unableTo("read services directory", services, isMissing ? MISSING : error);
  }
  const visible = names.filter((name) => !name.startsWith(".")).sort();
  return visible.map((name) => join(services, name)).filter(isDirectoryOrHidden);
}

/** A service followed by its logger, if it has one. */
export function withLog(service: string): string[] {
  const log = `${service}/log`;
  return isDirectory(log) ? [service, log] : [service];
}

/** The directory a person means: a bare name that is not here is looked for among the services. */
export function findService(name: string, services: string): string {
  const isBareName = name !== "" && !name.includes("/");
  const inServices = join(services, name);
  return isBareName && !existsSync(name) && isDirectory(inServices) ? inServices : name;
}

/** As `isDirectory`, and true for what only svscan may look into, and for a name that is not UTF-8: both are shown as trouble. */
function isDirectoryOrHidden(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    return errnoName(error) === "EACCES" || path.includes("\ufffd");
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false; // nothing there that svscan would start
  }
}

/**
 * The one service there is.
 *
 * @throws UsageError `unable to choose a service in /service: it has a and b` or `…: it has none`, and what to do
 */
export function onlyService(services: string): string {
  const [first, ...others] = listServices(services);
  if (first !== undefined && others.length === 0) return first;
  const names = [first, ...others].filter((name) => name !== undefined).map((name) => basename(name));
  const reason =
    names.length > 0
      ? `it has ${names.join(" and ")}: name one of them`
      : "it has none: logship setup makes one";
  throw new UsageError(`unable to choose a service in ${services}: ${reason}`);
}
