# What has to hold before anything is changed; sourced by setup.sh, which sets the variables.
# shellcheck shell=bash disable=SC2154,SC2034

MINIMAL_GLIBC=2.17
SPARE_KB=51200 # room for logs and for compiling, besides the program itself

# All that is in the way is said at once.
preflight() {
  local problems=() problem
  mapfile -t problems < <(find_problems)
  if ((${#problems[@]} == 0)); then return 0; fi
  for problem in "${problems[@]}"; do printf 'setup: problem: %s\n' "$(printable "$problem")" >&2; done
  fatal "unable to install: ${#problems[@]} problem(s), nothing was changed"
}

find_problems() {
  ((EUID == 0)) || echo 'this is not root: type sudo before it'
  [[ -d /run/systemd/system ]] || echo 'systemd does not run here'
  find_surroundings_problem /proc
  find_account_problem
  find_program_problem
  find_disk_problem
  find_tarball_problem
  find_supervisor_problem
  find_service_problem
  find_ship_problems
}

# Without them the runtime inside logship ends in words of its own before logship begins.
find_surroundings_problem() {
  [[ -r $1/self/stat ]] || echo "$1 is not mounted: mount -t proc proc $1"
  /bin/pwd >/dev/null 2>&1 || echo 'the working directory is gone: cd / before it'
}

# quoted WORD: as a shell reads it, for commands that are to be typed.
quoted() {
  local quote="'" escaped="'\\''" # in variables: versions of bash read them differently within the expansion
  case $1 in
    *[[:cntrl:]]*) printf '%q' "$1" ;;
    '' | *[!A-Za-z0-9_./:,@%+=-]*) printf "'%s'" "${1//$quote/$escaped}" ;;
    *) printf '%s' "$1" ;;
  esac
}

# Names that useradd takes everywhere.
NEW_ACCOUNT='^[a-z_][a-z0-9_-]{0,30}$'

# A daemontools that is linked statically finds no accounts but those of /etc/passwd.
find_account_problem() {
  local makes=''
  if ! getent passwd -- "$account" >/dev/null; then
    [[ ! $account =~ $NEW_ACCOUNT ]] || makes="useradd -r $account makes it, "
    echo "there is no account $(quoted "$account"): $makes--user ACCOUNT takes another"
  elif ((EUID == 0)) && [[ -x /command/setuidgid ]] && ! /command/setuidgid "$account" true 2>/dev/null; then
    echo "/command/setuidgid does not know the account $(quoted "$account")"
  fi
}

# The program that runs this script, or the built one: beside install/ as the repository has it, or in the directory that was copied.
program_source() {
  local name=logship file
  if [[ ${LOGSHIP_SETUP_PROGRAM:-} != '' ]]; then
    echo "$LOGSHIP_SETUP_PROGRAM"
    return
  fi
  [[ $(uname -m) != aarch64 ]] || name=logship-arm64
  for file in "$here/../dist/$name" "$here/../$name" "$here/../dist/logship" "$here/../logship"; do
    [[ -f $file ]] && readlink -f "$file" && return 0
  done
  return 1
}

find_program_problem() {
  local file glibc
  case $(uname -m) in
    x86_64 | aarch64) ;;
    *) echo "there is no logship for $(uname -m)" ;;
  esac
  glibc=$(getconf GNU_LIBC_VERSION 2>/dev/null | cut -d' ' -f2)
  if [[ $glibc == '' ]]; then
    echo 'the C library is not glibc'
  elif [[ $(printf '%s\n' "$MINIMAL_GLIBC" "$glibc" | sort -V | head -n 1) != "$MINIMAL_GLIBC" ]]; then
    echo "glibc is $glibc, older than $MINIMAL_GLIBC"
  elif ! file=$(program_source); then
    echo "dist/logship is not in $(dirname "$here")"
  elif ! runs_here "$file"; then
    echo "$file does not run here"
  fi
}

# Where nothing may be executed, such as a noexec home, it is tried once it is copied.
runs_here() { "$1" --version >/dev/null 2>&1 || [[ ,$(findmnt -no OPTIONS -T "$1"), == *,noexec,* ]]; }

find_disk_problem() {
  local file needed free
  file=$(program_source) || return 0
  needed=$((SPARE_KB + $(stat -L -c %s "$file") / 1024))
  free=$(df -Pk "$(existing_parent "$program")" | awk 'NR == 2 { print $4 }')
  if ((free < needed)) && cmp -s "$file" "$program"; then needed=$SPARE_KB; fi
  ((free >= needed)) || echo "the disk of $program has $free kB free, $needed are needed"
}

existing_parent() {
  local path=$1
  until [[ -e $path ]]; do path=$(dirname "$path"); done
  echo "$path"
}

find_tarball_problem() {
  if [[ $origin != new || $tarball == *://* ]]; then return 0; fi
  [[ -r $tarball ]] || echo "$tarball cannot be read"
}

# Two svscan on one directory would fight over every service. A container's has a directory of its own.
find_supervisor_problem() {
  local file words
  [[ $(systemctl is-active "$unit" 2>/dev/null) != active ]] || return 0
  for file in $(grep -ls svscan /proc/[0-9]*/cmdline); do
    words=$(tr '\0' ' ' 2>/dev/null <"$file")
    if [[ $words =~ (^|/)svscan\ "$services"/?\ $ ]] && runs_outside_containers "${file%/cmdline}"; then
      echo "svscan runs on $services already, started by something else than $unit"
      return
    fi
  done
}

runs_outside_containers() {
  local processes
  processes=$(readlink "$1/ns/pid" 2>/dev/null)
  [[ $processes == '' || $processes == "$(readlink /proc/self/ns/pid)" ]]
}

# A service of that name that somebody has written by hand is not to be overwritten.
find_service_problem() {
  [[ -e $service/run ]] || return 0
  is_recorded file "$service/run" || echo "$service/run is there and not from this script (--service NAME)"
}
