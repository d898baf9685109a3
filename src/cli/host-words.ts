import { basename } from "node:path";
import { listServices } from "../supervise/services.ts";
import { contentOrNothing } from "../system/regular-file.ts";
import type { Host } from "./command.ts";
import { servicesOf } from "./services-option.ts";

/** What the names of this host are, for completion; each is empty where it cannot be found out. */
export interface HostWords {
  /** @param directory Where they are, if the command line says so. */
  services(directory: string | undefined): string[];
  accounts(): string[];
  /** Of the files of the AWS tools. */
  profiles(): string[];
  zones(): string[];
}

export function hostWords({ environment }: Host): HostWords {
  const home = environment.HOME ?? "";
  return {
    services: (directory) =>
      attempt(() => {
        const expanded = directory?.replace(/^~(?=\/|$)/, home);
        return listServices(servicesOf(expanded || environment.LOGSHIP_SERVICES)).map((path) =>
          basename(path),
        );
      }),
    accounts: () => linesOf("/etc/passwd").map((line) => line.slice(0, line.indexOf(":"))),
    profiles: () => {
      const config = linesOf(environment.AWS_CONFIG_FILE || `${home}/.aws/config`);
      const credentials = linesOf(environment.AWS_SHARED_CREDENTIALS_FILE || `${home}/.aws/credentials`);
      const names = [...config, ...credentials].map(
        (line) => /^\[(?:profile )?([^\]]+)\]/.exec(line.trim())?.[1],
      );
      return [...new Set(names.filter((name) => name !== undefined))].sort();
    },
    zones: () =>
      linesOf("/usr/share/zoneinfo/tzdata.zi")
        .filter((line) => /^[ZL] /.test(line))
        .map((line) => line.split(" ")[line.startsWith("Z") ? 1 : 2]!)
        .filter((name) => name.includes("/"))
        .sort(),
  };
}

function linesOf(path: string): string[] {
  return Buffer.from(contentOrNothing(path)).toString().trimEnd().split("\n");
}

function attempt(read: () => string[]): string[] {
  try {
    return read();
  } catch {
    return [];
  }
}
