import type { Requirements } from "./elf.ts";

/** RHEL 7 has this one. */
const NEWEST_GLIBC = [2, 17] as const;

const ALLOWED_LIBRARIES =
  /^(libc\.so\.6|libpthread\.so\.0|libdl\.so\.2|libm\.so\.6|ld-linux-(x86-64\.so\.2|aarch64\.so\.1))$/;

/** What keeps an executable from starting on the oldest system that logship supports; empty if nothing does. */
export function obstacles({ libraries, versions }: Requirements): string[] {
  const foreign = libraries.filter((library) => !ALLOWED_LIBRARIES.test(library));
  const newer = versions.filter((version) => !isOldEnough(version));
  return [
    ...foreign.map((library) => `needs the library ${library}`),
    ...newer.map((version) => `needs a symbol of version ${version}`),
  ];
}

/** Whether the oldest system has a version such as `GLIBC_2.17`. */
export function isOldEnough(version: string): boolean {
  const match = /^GLIBC_(\d+)\.(\d+)(\.\d+)?$/.exec(version);
  if (!match) return false;
  const [major, minor] = [Number(match[1]), Number(match[2])];
  return major < NEWEST_GLIBC[0] || (major === NEWEST_GLIBC[0] && minor <= NEWEST_GLIBC[1]);
}
