# daemontools 0.76 compiled on this host; sourced by setup.sh, which sets the variables, and by the build of logship.
# shellcheck shell=bash disable=SC2154,SC2034

TARBALL_SHA256=a55535012b2be7a52dcd9eccabb9a198b13be50d0384143bd3b32b8710df4c1f

# Everything that can fail for reasons outside of this host, before anything is installed but the compiler.
prepare_source() {
  install_tools
  if [[ $dry_run == no ]]; then
    remove_leftovers
    staging=$(mktemp -d "$(existing_parent $ADMIN)/.daemontools.XXXXXX") || fatal 'unable to make a directory to compile in'
  fi
  step "fetch daemontools from $tarball" fetch_tarball
  step 'check and unpack it' unpack_tarball
  step 'compile it' compile_daemontools
}

# What a setup that was killed has left.
remove_leftovers() { rm -rf /.daemontools.?????? /daemon/.daemontools.?????? $ADMIN/.daemontools.?????? $NEW_SOURCE; }

# The compiler and what else it takes, from this distribution.
install_tools() {
  local missing manager
  missing=$(missing_tools)
  if [[ $missing == '' ]]; then return 0; fi
  for manager in apt-get dnf yum ''; do command -v "$manager" >/dev/null && break; done
  [[ $manager != '' ]] || fatal "unable to install $missing: there is no apt-get, dnf or yum; install them yourself, or take a logship of 'npm run dist', which needs none"
  exec {shown}>&1 # what a step prints by itself is not shown
  step "install $missing with $manager" "install_with_${manager/-/_}"
  exec {shown}>&-
  missing=$(missing_tools)
  [[ $dry_run == yes || $missing == '' ]] || fatal "unable to install $missing: $manager has not brought it"
}

# A compiler without the C library's headers is no use either.
missing_tools() {
  local tool missing=''
  for tool in gcc make patch tar gzip; do command -v "$tool" >/dev/null || missing+=" $tool"; done
  [[ -f /usr/include/features.h ]] || missing+=' C-headers'
  echo "${missing# }"
}

install_with_dnf() { dnf -q -y install gcc make patch tar gzip glibc-devel; }
install_with_yum() { yum -q -y install gcc make patch tar gzip glibc-devel; }

install_with_apt_get() {
  export DEBIAN_FRONTEND=noninteractive
  apt_get update -qq && apt_get install -qq -y --no-install-recommends gcc libc6-dev make patch tar gzip
}

# As apt-get, but waits up to ten minutes for another one to end: a machine in the cloud begins its life with one.
apt_get() {
  local told tries
  for ((tries = 0; tries < 300; tries++)); do
    told=$(LC_ALL=C apt-get "$@" 2>&1 >/dev/null {shown}>&-) && return 0
    [[ $told =~ 'Could not get lock '([^$'\n']*) ]] || break
    ((tries > 0)) || say "wait for apt: ${BASH_REMATCH[1]}" >&"$shown"
    sleep 2
  done
  printf '%s\n' "$told" >&2
  return 1
}

fetch_tarball() {
  case $tarball in
    *://*)
      if command -v curl >/dev/null; then
        curl -fsSL --retry 3 -o "$staging/tarball" "$tarball"
      elif command -v wget >/dev/null; then
        wget -nv -O "$staging/tarball" "$tarball"
      else
        echo 'there is neither curl nor wget' >&2
        return 1
      fi
      ;;
    *) cp -- "$tarball" "$staging/tarball" ;;
  esac
}

unpack_tarball() {
  local sum
  sum=$(sha256sum "$staging/tarball") || return
  if [[ ${sum%% *} != "$TARBALL_SHA256" ]]; then
    echo "its sha256 is ${sum%% *}, not that of daemontools 0.76" >&2
    return 1
  fi
  tar -xzf "$staging/tarball" -C "$staging" --no-same-owner &&
    cd "$staging/admin/daemontools-0.76" &&
    patch -p1 <"$here/daemontools-0.76.patch"
}

# package/compile links its sources by absolute path, unless such links are there: relative ones survive the move.
compile_daemontools() {
  cd "$staging/admin/daemontools-0.76" &&
    mkdir compile && echo "$SOURCE" >compile/home && ln -s ../src compile/src &&
    package/compile
}
