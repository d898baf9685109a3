/**
 * daemontools' own words for system errors, so that a message reads the same on every libc.
 * The texts are those that daemontools 0.76 prints; names it does not know are `unknown error` there too.
 */
const TEXTS: Record<string, string> = {
  EINTR: "interrupted system call",
  ENOMEM: "out of memory",
  ENOENT: "file does not exist",
  ETXTBSY: "text busy",
  EIO: "input/output error",
  EEXIST: "file already exists",
  ETIMEDOUT: "timed out",
  EINPROGRESS: "operation in progress",
  EAGAIN: "temporary failure",
  EWOULDBLOCK: "temporary failure",
  EPIPE: "broken pipe",
  EPERM: "permission denied",
  EACCES: "access denied",
  ENXIO: "device not configured",
  EPROTO: "protocol error",
  EISDIR: "is a directory",
  ECONNREFUSED: "connection refused",
  ENOTDIR: "not a directory",
  ESRCH: "no such process",
  E2BIG: "argument list too long",
  ENOEXEC: "exec format error",
  EBADF: "file descriptor not open",
  ECHILD: "no child processes",
  EDEADLK: "operation would cause deadlock",
  EFAULT: "bad address",
  ENOTBLK: "not a block device",
  EBUSY: "device busy",
  EXDEV: "cross-device link",
  ENODEV: "device does not support operation",
  EINVAL: "invalid argument",
  ENFILE: "system cannot open more files",
  EMFILE: "process cannot open more files",
  ENOTTY: "not a tty",
  EFBIG: "file too big",
  ENOSPC: "out of disk space",
  ESPIPE: "unseekable descriptor",
  EROFS: "read-only file system",
  EMLINK: "too many links",
  EDQUOT: "disk quota exceeded",
  ELOOP: "symbolic link loop",
  ENAMETOOLONG: "file name too long",
  ENOTEMPTY: "directory not empty",
  ENOLCK: "no locks available",
  ENOSYS: "system call not available",
  ESTALE: "stale NFS file handle",
  EOPNOTSUPP: "operation not supported",
  ENOTSUP: "operation not supported",
  ERANGE: "output out of range",
  EUSERS: "too many users",
  EALREADY: "operation already in progress",
  ENOTSOCK: "not a socket",
  ENOBUFS: "out of buffer space",
  EDESTADDRREQ: "destination address required",
  EMSGSIZE: "message too long",
  EPROTOTYPE: "incorrect protocol type",
  ENOPROTOOPT: "protocol not available",
  EPROTONOSUPPORT: "protocol not supported",
  ESOCKTNOSUPPORT: "socket type not supported",
  EPFNOSUPPORT: "protocol family not supported",
  EAFNOSUPPORT: "address family not supported",
  EADDRINUSE: "address already used",
  EADDRNOTAVAIL: "address not available",
  ENETDOWN: "network down",
  ENETUNREACH: "network unreachable",
  ENETRESET: "network reset",
  ECONNABORTED: "connection aborted",
  ECONNRESET: "connection reset",
  EISCONN: "already connected",
  ENOTCONN: "not connected",
  ESHUTDOWN: "socket shut down",
  ETOOMANYREFS: "too many references",
  EHOSTDOWN: "host down",
  EHOSTUNREACH: "host unreachable",
  EREMOTE: "object not local",
};

/** The errno name (`ENOENT`) that a failed file or socket call carries, or undefined. */
export function errnoName(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The text for an errno name; `unknown error` where daemontools has none. */
export function errnoText(name: string): string {
  return TEXTS[name] ?? "unknown error";
}

/** True if the error is a system error with a text of its own. */
export function isSystemError(error: unknown): boolean {
  const name = errnoName(error);
  return name !== undefined && name in TEXTS;
}
