# Messages, steps and the record of what was made; sourced by setup.sh, which sets the variables.
# shellcheck shell=bash disable=SC2154,SC2034

say() { printf 'setup: %s\n' "$(printable "$1")"; }
warn() { printf 'setup: warning: %s\n' "$(printable "$1")" >&2; }

# printable TEXT: with all but printable ASCII as \xNN, so that no name moves the cursor or turns letters round.
printable() {
  local LC_ALL=C text=$1 shown='' character
  local i
  if [[ $text != *[^' '-'~']* ]]; then
    printf '%s' "$text"
    return
  fi
  for ((i = 0; i < ${#text}; i++)); do
    character=${text:i:1}
    if [[ $character == [^' '-'~'] ]]; then printf -v character '\\x%02x' "$(($(printf %d "'$character") & 255))"; fi
    shown+=$character
  done
  printf '%s' "$shown"
}

# fatal TEXT [CODE]: 111 for what may succeed later, 100 for what has to be corrected first.
fatal() {
  printf 'setup: fatal: %s\n' "$(printable "$1")" >&2
  exit "${2:-111}"
}

changes=0

# step TEXT COMMAND...: says in one line what is done and does it, or only says it with --dry-run.
# The command runs in a subshell: what it prints on standard error is the reason if it fails.
step() {
  local text=$1 reason
  shift
  changes=$((changes + 1))
  say "$text"
  if [[ $dry_run == yes ]]; then return 0; fi
  if ! reason=$("$@" 2>&1 >/dev/null); then
    reason=${reason##*$'\n'}
    fatal "unable to $text: ${reason:-failed}"
  fi
}

# The lines of the record.
declare -A recorded=()

# record KIND PATH: notes what is about to be made, so that --uninstall takes back that and nothing else.
record() {
  local line="$1 $2"
  [[ $dry_run == yes ]] && return 0
  is_recorded "$1" "$2" && return 0
  { { [[ -d $record_directory ]] || mkdir -p "$record_directory"; } && printf '%s\n' "$line" >>"$record_file"; } 2>/dev/null ||
    fatal "unable to write $record_file"
  recorded[$line]=yes
}

is_recorded() { [[ ${recorded["$1 $2"]-} != '' ]]; }

# read_record: what earlier runs have made.
read_record() {
  local line
  [[ -f $record_file ]] || return 0
  while IFS= read -r line; do [[ $line == '' ]] || recorded[$line]=yes; done <"$record_file"
}

# new_name PATH: sets new to what PATH is called until it is complete: svscan and envdir look at no name that begins with
# a dot. All such names lie in directories of root, and one that a killed script has left is taken up by the next.
new_name() { new=${1%/*}/.${1##*/}.new; }

# replace FILE MODE OWNER: puts standard input in place of FILE in one rename.
replace() {
  local new
  new_name "$1" && rm -f "$new" && (umask 077 && cat >"$new") &&
    chmod "$2" "$new" && chown "$3" "$new" && mv -f "$new" "$1"
}

# make_directory PATH MODE OWNER: unless it is there.
make_directory() {
  [[ -d $1 ]] && return 0
  record directory "$1"
  step "make directory $1" install -d -m "$2" -o "${3%%:*}" -g "${3##*:}" "$1"
}

# make_link TARGET PATH: unless it is there.
make_link() {
  has_link "$1" "$2" && return 0
  record link "$2"
  step "link $2 to $1" link_over "$1" "$2"
}

has_link() { [[ -L $2 && $(readlink "$2") == "$1" ]]; }

link_over() {
  local new
  if [[ ! -e $2 && ! -L $2 ]]; then
    ln -sT "$1" "$2"
  else
    new_name "$2" && ln -sfn "$1" "$new" && mv -fT "$new" "$2"
  fi
}

# make_file PATH MODE OWNER CONTENT: unless it is there and the same.
make_file() {
  if [[ -f $1 && $(cat "$1"; printf x) == "$4x" && $(stat -c %a "$1") == "${2#0}" ]]; then return 0; fi
  record file "$1"
  step "write $1" write_file "$@"
  service_changed=yes
}

write_file() { printf '%s' "$4" | replace "$1" "$2" "$3"; }
