/**
 * The calls of the C library that the runtime does not offer; all that the program opens at run time is in this table.
 * Loading it costs two megabytes of memory: import what stands on it only where it is used.
 */
import { dlopen } from "bun:ffi";
import { unableTo } from "./errors.ts";

/** Kept by systemd's MemoryDenyWriteExecute, SELinux's execmem, and limits on the address space (`ulimit -v`, `softlimit`). */
const NO_CODE_MEMORY =
  "no memory may be made executable here: lift MemoryDenyWriteExecute, or a limit on the address space (ulimit -v, softlimit)";

// One a line: a test reads them, and holds them against src/build/opened-symbols.ts.
const open = () =>
  dlopen("libc.so.6", {
    __errno_location: { args: [], returns: "ptr" },
    epoll_create1: { args: ["i32"], returns: "i32" },
    epoll_ctl: { args: ["i32", "i32", "i32", "ptr"], returns: "i32" },
    epoll_wait: { args: ["i32", "ptr", "i32", "i32"], returns: "i32" },
    fchdir: { args: ["i32"], returns: "i32" },
    fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
    flock: { args: ["i32", "i32"], returns: "i32" },
    gettimeofday: { args: ["ptr", "ptr"], returns: "i32" },
    ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
    madvise: { args: ["u64", "u64", "i32"], returns: "i32" },
    mmap: { args: ["u64", "u64", "i32", "i32", "i32", "i64"], returns: "u64" },
    pipe2: { args: ["ptr", "i32"], returns: "i32" },
    poll: { args: ["ptr", "u64", "i32"], returns: "i32" },
    ppoll: { args: ["ptr", "u64", "ptr", "ptr"], returns: "i32" },
    sched_yield: { args: [], returns: "i32" },
    sendfile: { args: ["i32", "i32", "ptr", "u64"], returns: "i64" },
    signal: { args: ["i32", "u64"], returns: "u64" },
    sigprocmask: { args: ["i32", "ptr", "ptr"], returns: "i32" },
    splice: { args: ["i32", "ptr", "i32", "ptr", "u64", "u32"], returns: "i32" },
    tee: { args: ["i32", "i32", "u64", "u32"], returns: "i32" },
  }).symbols;

type Symbols = ReturnType<typeof open>;

/**
 * The functions of the C library, and false beside them where this process may have no memory for compiled code: then
 * each of them throws.
 */
function load(): { libc: Symbols; isCallable: boolean } {
  try {
    return { libc: open(), isCallable: true };
  } catch (error) {
    if (!String(error).includes("requires the JIT")) throw error;
    const refuse = () => {
      throw unableTo("call", "the C library", NO_CODE_MEMORY);
    };
    return { libc: new Proxy({} as Symbols, { get: () => refuse }), isCallable: false };
  }
}

/** Where multilog, ship and setup do not work; what can do without these functions looks at `isCallable`. */
export const { libc, isCallable } = load();
