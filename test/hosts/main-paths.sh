#!/bin/sh
# Walks the main paths of logship on the host it is called on, whatever that is:
#
#   sh main-paths.sh [--setup] [--only "NAME..."] [EMULATOR ARGUMENT...] LOGSHIP
#
# Wants this directory, a POSIX shell, coreutils, diffutils, sed, grep and gzip; changes nothing but a directory of its own
# below TMPDIR. With --setup, for root on a host that may be spoiled, the services of this host are set up and taken back.
# S3_ENDPOINTS lists servers to store to, with AWS's own variables for them; without it that path is skipped.
#
# Prints what host it is, then a line for each path: `ok NAME MILLISECONDS`, `failed NAME MILLISECONDS` followed by what it
# printed, or `skipped NAME: REASON`; then `N passed, N failed`. The exit code is 0 only if none failed.
set -u
export LC_ALL=C TZ=UTC AWS_EC2_METADATA_DISABLED=true

names="starts generate split run upload ship multilog filters stand_ins tail services doctor s3"
while :; do
  case ${1-} in
    --setup) names="$names setup"; shift ;;
    --only) names=$2; shift 2 ;;
    *) break ;;
  esac
done
[ $# -gt 0 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 100; }

here=$(cd "$(dirname "$0")" && pwd)
for file in "$here"/paths/*.sh; do
  # shellcheck source=/dev/null
  . "$file"
done

# Prints what was found and what was wanted, and ends the path, unless they are the same.
equal() { # WHAT FOUND WANTED
  [ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
}

same() { # FILE FILE
  cmp "$1" "$2" || fail "$1 is not $2"
}

fail() {
  echo "$*"
  exit 1
}

# Waits until a command succeeds, two minutes at most: an emulated processor takes its time.
await() { # WHAT COMMAND...
  what=$1
  shift
  tries=0
  until "$@" >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 1200 ] || fail "no $what within two minutes"
    sleep 0.1
  done
}

# The exit code of a command, after what the command prints on both outputs.
code_of() {
  code=0
  "$@" 2>&1 || code=$?
  echo "exit code $code"
}

# Makes programs that start logship under each of its names, by an emulator or not: the last argument is the executable.
make_programs() {
  prefix=
  while [ $# -gt 1 ]; do
    prefix="$prefix '$1'"
    shift
  done
  EXECUTABLE=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
  mkdir "$WORK/bin" "$WORK/links"
  for name in logship multilog tai64n tai64nlocal svstat svok svc; do
    ln -s "$EXECUTABLE" "$WORK/links/$name"
    printf '#!/bin/sh\nexec%s "%s" "$@"\n' "$prefix" "$WORK/links/$name" >"$WORK/bin/$name"
    chmod 755 "$WORK/bin/$name"
  done
  PATH=$WORK/bin:$PATH
}

milliseconds() { echo $(($(date +%s%N) / 1000000)); }

# A path runs in a directory and a shell of its own. It ends at the first command that fails; exit code 77: skipped.
walk() { # NAME
  mkdir "$WORK/$1"
  before=$(milliseconds)
  (
    set -eu
    trap 'kill -9 $background 2>/dev/null || :' EXIT
    background=
    cd "$WORK/$1"
    "path_$1"
  ) >"$WORK/$1.out" 2>&1 </dev/null
  status=$?
  took=$(($(milliseconds) - before))
  case $status in
    0) passed=$((passed + 1)) && echo "ok $1 $took" ;;
    77) echo "skipped $1: $(tail -n 1 "$WORK/$1.out")" ;;
    *)
      failed=$((failed + 1))
      echo "failed $1 $took"
      sed 's/^/    /' "$WORK/$1.out"
      ;;
  esac
}

system=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release)
echo "host: $system, $(getconf GNU_LIBC_VERSION), kernel $(uname -r), $(uname -m)"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
make_programs "$@"
passed=0 failed=0
for name in $names; do walk "$name"; done
echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
