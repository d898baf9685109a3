/**
 * What the program opens at run time stands in no symbol table of the executable, so that portability.ts cannot see it.
 * Here is each such symbol with the version that it has by default in its library; a test holds src/ against it.
 *
 * The version is the one that glibc's lists of its interface give (sysdeps/unix/sysv/linux/x86_64/64/libc.abilist and
 * sysdeps/unix/sysv/linux/aarch64/libc.abilist; in 2.17 x86_64/64/nptl/ and ports/…/aarch64/nptl/). 2.2.5 is the first glibc
 * for x86-64, 2.17 the first for arm64. A function that moves from another library gets the version of the move as its
 * default, as pthread_sigmask has 2.32: so a default of 2.17 or before says that it was in this library then.
 */
export interface OpenedSymbol {
  readonly library: string;
  readonly symbol: string;
  /** Of glibc, by machine as `readRequirements()` names it. */
  readonly since: Readonly<Record<"x86-64" | "aarch64", string>>;
}

export const OPENED_SYMBOLS: readonly OpenedSymbol[] = [
  ...inLibc("2.2.5", [
    "__errno_location",
    "fchdir",
    "fcntl",
    "flock",
    "gettimeofday",
    "ioctl",
    "madvise",
    "mmap",
  ]),
  ...inLibc("2.2.5", ["poll", "sched_yield", "sendfile", "signal", "sigprocmask"]),
  ...inLibc("2.3.2", ["epoll_ctl", "epoll_wait"]),
  ...inLibc("2.4", ["ppoll"]),
  ...inLibc("2.5", ["splice", "tee"]),
  ...inLibc("2.9", ["epoll_create1", "pipe2"]),
];

function inLibc(sinceOnX64: string, symbols: readonly string[]): OpenedSymbol[] {
  const since = { "x86-64": sinceOnX64, aarch64: "2.17" };
  return symbols.map((symbol) => ({ library: "libc.so.6", symbol, since }));
}
