#!/bin/sh
# Sees to what everything else here stands on: Node.js of the right age, the packages of package-lock.json, and bun; what is
# there already is left alone. Says what it does while it does it, and in its last line why it cannot. `npm run -s ready`
set -u

say() { printf 'logship: info: %s\n' "$1" >&2; }

fatal() {
  printf 'logship: fatal: %s\n' "$1" >&2
  exit 111
}

# Seconds between two signs of life.
PATIENCE=${READY_PATIENCE:-10}

# By itself npm asks a registry that is away again for more than a minute.
export npm_config_fetch_retries="${npm_config_fetch_retries:-2}"
export npm_config_fetch_retry_mintimeout="${npm_config_fetch_retry_mintimeout:-1000}"
export npm_config_fetch_retry_maxtimeout="${npm_config_fetch_retry_maxtimeout:-4000}"

# with_signs_of_life COMMAND...: runs it, its standard error in the file $told, and says every while that it is still at work.
with_signs_of_life() {
  begun=$(date +%s)
  works=$((works + 1))
  working=$told.$works
  : >"$working"
  (
    # A shell that has just been forked may miss the signal that ends it.
    while sleep "$PATIENCE" >/dev/null 2>&1 && [ -e "$working" ]; do
      say "$1 $2 is still at work, for $(($(date +%s) - begun)) s now"
    done
  ) &
  clock=$!
  "$@" >/dev/null 2>"$told"
  code=$?
  rm -f "$working"
  kill "$clock" 2>/dev/null
  return "$code"
}

check_node() {
  needed=$(node -p 'require("./package.json").engines.node.replace(/\D/g, "")')
  found=$(node -p process.version)
  major=${found#v}
  [ "${major%%.*}" -ge "$needed" ] ||
    fatal "unable to build with Node.js $found: version $needed or later has to be there (https://nodejs.org)"
}

install_packages() {
  say 'installing the packages of package-lock.json, with npm ci: less than a minute, where the network is fast'
  # Where nobody answers, npm ci takes half a minute to say so; what npm has kept may be enough.
  offline=--no-offline why='' words=''
  with_signs_of_life npm ping --loglevel=error --fetch-retries=1 --fetch-timeout=20000 || why=$(why_not_reached)
  if [ "$why" != '' ]; then offline=--offline words=$(npm_words); fi
  with_signs_of_life npm ci "$offline" --ignore-scripts --include=dev --no-audit --no-fund --loglevel=error && return 0
  printf '%s\n' "${words:-$(npm_words)}" >&2
  : "${why:=$(why_not_reached)}"
  code=$(npm_code)
  fatal "unable to install the packages: ${why:-npm ci has failed${code:+ with $code}, see above}"
}

# What npm has said, without the places in its code and the insides of its error.
npm_words() { grep -v '^npm \(error\|ERR!\)\(  .*\| }\| *\)$' "$told"; }

npm_code() { sed -n 's/^npm \(error\|ERR!\) code //p' "$told" | head -n 1; }

# Why the registry has not answered; nothing if it has.
why_not_reached() {
  code=$(npm_code)
  reason=$(sed -n 's/.*, reason: \(..*\)/\1/p' "$told" | head -n 1)
  registry=$(npm config get registry --loglevel=silent)
  case $code in
    *CERT* | UNABLE_TO_*)
      echo "the certificate of $registry is not trusted (${reason:-$code}); NODE_EXTRA_CA_CERTS=FILE trusts those in a file"
      ;;
    ECONN* | EHOST* | ENET* | ENOTFOUND | EAI_AGAIN | *TIMEDOUT | *TIMEOUT)
      echo "the registry $registry is not reached (${reason:-$code})"
      ;;
  esac
}

# Its package for this machine is an optional one, which npm leaves out without a word where it cannot be fetched.
install_bun() {
  [ -f node_modules/bun/install.js ] ||
    fatal 'unable to install bun: node_modules is not whole; remove it and begin again: rm -r node_modules'
  say 'installing bun'
  if ! with_signs_of_life node node_modules/bun/install.js; then
    grep -v '^ *at \|^Error: ' "$told" >&2
    why=$(sed -n 's/^Error: //p' "$told" | tail -n 1)
    fatal "unable to install bun: ${why:-see above}; remove node_modules and begin again: rm -r node_modules"
  fi
  why=$(bun --version 2>&1 >/dev/null) || fatal "unable to run bun on this machine: $(printf '%s' "$why" | head -n 1)"
}

check_node
told=$(mktemp) || fatal 'unable to make a temporary file'
clock='' works=0
trap 'rm -f "$told" "$told".*; [ "$clock" = "" ] || kill "$clock" 2>/dev/null' EXIT
trap 'exit 130' INT TERM
# shellcheck disable=SC3013 # bash, dash and BusyBox know it
[ node_modules/.package-lock.json -nt package-lock.json ] || install_packages
bun --version >/dev/null 2>&1 || install_bun
