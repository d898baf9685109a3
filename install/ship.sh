# A service that ships logs, in place of the simulation; sourced by setup.sh, which sets the variables.
# shellcheck shell=bash disable=SC2154,SC2034

# read_source TEXT: for --ship.
read_source() {
  [[ $1 == /* || $1 =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] ||
    fatal "unable to parse --ship $1: must be an absolute path or pattern, or the name of a service" 100
  [[ $1 != *[\'$'\n']* ]] || fatal "unable to parse --ship $1: must be without quotes and line ends" 100
  sources+=("$1")
}

# Sets job, what the service does, and source_words, as its run script has them. A service that ships goes on with the
# same logs unless others are named.
choose_job() {
  local source
  source_words=''
  for source in ${sources[@]+"${sources[@]}"}; do source_words+=" '$source'"; done
  if [[ $source_words == '' ]] && is_shipping; then
    source_words=$(<"$service/run")
    source_words=" ${source_words##*logship ship }"
  fi
  if [[ $source_words == '' ]]; then job=run; else job=ship; fi
}

is_shipping() { [[ -f $service/run && $(<"$service/run") == *'logship ship '* ]]; }

ship_script() {
  local content
  content=$(<"$here/ship-run")
  content=${content//ACCOUNT/$account}
  printf '%s%s' "${content% SOURCES}" "$source_words"
}

# Where `logship status` finds them; one directory for all services, so that no two ship the same log. It is the
# account's: what is beside it is root's, and tells --uninstall what to remove.
POSITIONS=/var/lib/logship/positions

install_state() {
  [[ ! -f $service/env/LOGSHIP_STATE ]] || return 0
  make_directory $POSITIONS 755 "$account:$1"
  set_variable "LOGSHIP_STATE=$POSITIONS"
}

# The directory as it will be; before settings are written.
state_directory() {
  local setting directory=$POSITIONS
  [[ ! -f $service/env/LOGSHIP_STATE ]] || directory=$(<"$service/env/LOGSHIP_STATE")
  for setting in ${settings[@]+"${settings[@]}"}; do
    [[ $setting != LOGSHIP_STATE=?* ]] || directory=${setting#*=}
  done
  echo "$directory"
}

find_ship_problems() {
  local source directory owner
  [[ $job == ship ]] || return 0
  directory=$(state_directory) owner=$(stat -c %U "$directory" 2>/dev/null)
  if [[ $owner != '' && $owner != "$account" ]]; then
    echo "the positions in $directory are $owner's: --user $(quoted "$owner"), chown -R $(quoted "$account:") $(quoted "$directory"), or --env LOGSHIP_STATE=DIR"
  fi
  if [[ -f $service/run ]] && ! is_shipping; then echo "$service simulates a log: --service NAME for another one"; fi
  if ! command -v setpriv >/dev/null; then
    echo 'there is no setpriv, which util-linux brings'
  elif ((EUID == 0)) && getent passwd "$account" >/dev/null; then
    for source in ${sources[@]+"${sources[@]}"}; do find_source_problem "$source"; done
  fi
}

# find_source_problem SOURCE: what the account may not read of it, and how to let it.
find_source_problem() {
  local path mode group
  if [[ $1 != /* && ! -d $services/$1 ]]; then
    echo "there is no service $1 in $services"
    return
  fi
  path=$(paths_to_read "$1" | as_account bash -c "$FIRST_UNREADABLE")
  [[ $path != '' ]] || return 0
  read -r mode group < <(stat -L -c '%a %G' "$path")
  if [[ $group != root && $mode == *[4-7]? && (! -d $path || $mode == *[57]?) ]]; then
    echo "$account may not read $path, its group $group may: usermod -aG $(quoted "$group") $(quoted "$account")"
  else
    [[ -d $path ]] || path=$(dirname "$path")
    echo "$account may not read $path: setfacl -R -m $(quoted "u:$account:rX,d:u:$account:rX") $(quoted "$path")"
  fi
}

# paths_to_read SOURCE: what is there of it, and the directories in which files appear.
paths_to_read() {
  local path log fixed=${1%%[*?[\{]*}
  [[ $1 == /* ]] || fixed=$services/$1
  existing_parent "$(dirname "${fixed}x")"
  while IFS= read -r path; do
    if [[ ! -d $path ]]; then
      dirname "$path"
      echo "$path"
      continue
    fi
    for log in "$path" "$path/main" "$path/log/main"; do
      if [[ -e $log/current ]]; then printf '%s\n' "$log" "$log/current"; fi
    done
  done < <(compgen -G "${fixed}${1#"$fixed"}")
}

# What stands in the way may be a directory above.
# shellcheck disable=SC2016
FIRST_UNREADABLE='
while IFS= read -r path; do
  if [[ -r $path && (! -d $path || -x $path) ]]; then continue; fi
  until [[ $path != /*/* || -x ${path%/*} ]]; do path=${path%/*}; done
  echo "$path"
  exit
done'

# as_account COMMAND...: as its run script does it.
as_account() {
  setpriv --reuid "$(id -u "$account")" --regid "$(id -g "$account")" \
    --groups "$(id -G "$account" | tr ' ' ,)" "$@"
}
