import { servicesDirectory } from "../supervise/services.ts";
import { anyName, option } from "./options.ts";

/** Where the services are that a command takes when it is given none, and where it looks for a bare name. */
export const servicesOption = option(
  "--services <dir>",
  "directory of the services; default /service, or /etc/service where only that exists",
  anyName,
);

/** The directory meant by the option, by its variable, or by this host. */
export function servicesOf(given: string | undefined): string {
  return given || servicesDirectory();
}
