import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { unableTo } from "../system/errors.ts";

/** Where svscan looks: daemontools' own place, and the one Debian's package uses. */
const SERVICES_DIRECTORIES = ["/service", "/etc/service"];

/** The services directory of this host, also if it is not there yet. */
export function servicesDirectory(): string {
  return SERVICES_DIRECTORIES.find((directory) => existsSync(directory)) ?? SERVICES_DIRECTORIES[0]!;
}

/**
 * All that svscan would run in a services directory, by name.
 *
 * @throws FatalError `unable to read services directory /service: file does not exist`
 */
export function listServices(services: string): string[] {
  let names: string[];
  try {
    names = readdirSync(services);
  } catch (error) {
    throw unableTo("read services directory", services, error);
  }
  const directories = names.sort().map((name) => join(services, name));
  return directories.filter(
    (directory) => !directory.startsWith(join(services, ".")) && isDirectory(directory),
  );
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

export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
