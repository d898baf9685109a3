import { existsSync, readFileSync } from "node:fs";
import { arch, release } from "node:os";

/** The system, C library, kernel and processor that this runs on: `Debian GNU/Linux 12 (bookworm), glibc 2.36, kernel 6.1.0, x64`. */
export function thisHost(): string {
  const about = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const system = /^PRETTY_NAME="?([^"\n]*)/m.exec(about)?.[1] ?? "an unknown system";
  const library = Bun.which("getconf")
    ? Bun.spawnSync(["getconf", "GNU_LIBC_VERSION"]).stdout.toString().trim()
    : "";
  return `${system}, ${library || "an unknown C library"}, kernel ${release()}, ${arch()}`;
}
