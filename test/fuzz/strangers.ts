import { keyServices } from "./key-services.ts";
import { logDirectories } from "./log-directories.ts";
import { namesAndLines } from "./names-and-lines.ts";
import { s3Server } from "./s3-server.ts";
import { services } from "./services.ts";
import { settings } from "./settings.ts";
import { shipStates } from "./ship-states.ts";
import { storedObjects } from "./stored-objects.ts";
import type { Stranger } from "./stranger.ts";

/** All who say something to logship, by what they are called on the command line of the fuzz. */
export const STRANGERS: Readonly<Record<string, Stranger>> = {
  "key-services": keyServices,
  "log-directories": logDirectories,
  "names-and-lines": namesAndLines,
  "s3-server": s3Server,
  services,
  settings,
  "ship-states": shipStates,
  "stored-objects": storedObjects,
};
