#!/bin/sh
# How a program that is linked statically against musl looks up an account that /etc/passwd has not.
# One would expect: a static program reads /etc/passwd and nothing else; NSS modules are shared libraries, which it cannot load.
# What happens: it connects to /var/run/nscd/socket. With a cache daemon that speaks nscd's protocol (nscd, nsncd, sssd's stand-in)
# the same file finds the accounts of LDAP; without one it finds none, while `id` on the same host does.
# Needs musl-gcc and strace (Debian: musl-tools, strace).
set -eu
command -v musl-gcc strace >/dev/null || { echo "musl-gcc and strace are not here"; exit 1; }
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cat >"$dir/lookup.c" <<'C'
#include <pwd.h>
int main(int argc, char **argv) { return argc > 1 && getpwnam(argv[1]) != 0; }
C
musl-gcc -static -O2 -o "$dir/lookup" "$dir/lookup.c"
if command -v dpkg-query >/dev/null; then dpkg-query -W -f '${Package} ${Version}\n' musl-tools strace; fi
calls() { strace -qq -e trace=open,openat,connect "$dir/lookup" "$1" 2>&1 || true; }
known=$(calls root)
unknown=$(calls an-account-of-ldap)
printf 'expected of both: /etc/passwd alone\nof root:\n%s\nof an account that is not there:\n%s\n' "$known" "$unknown"
case $known in *nscd*) exit 1 ;; esac
case $unknown in *'/etc/passwd'*'sun_path="/var/run/nscd/socket"'*) ;; *) exit 1 ;; esac
