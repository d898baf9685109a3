# Takes back what the record says was made, and nothing else; sourced by setup.sh, which sets the variables.
# shellcheck shell=bash disable=SC2154,SC2034

uninstall() {
  ((EUID == 0)) || fatal 'unable to uninstall: this is not root: type sudo before it'
  if [[ ! -s $record_file ]]; then
    say 'nothing to take back: there is no record of anything made here'
    return
  fi
  if [[ $dry_run == no ]]; then remove_leftovers; fi
  local lines=() line others services=/service
  [[ ! -f /command/svscanboot ]] || services=$(scanned_by /command/svscanboot)
  mapfile -t lines <"$record_file"
  for line in "${lines[@]}"; do
    if [[ $line =~ ^link\ (/etc)?/service/ ]]; then remove_service "${line#link }"; fi
  done
  others=$(find "$services" -mindepth 1 -maxdepth 1 ! -name '.*' 2>/dev/null | tr '\n' ' ')
  if [[ $others != '' ]]; then
    warn "daemontools and $program stay: there are other services: ${others% }"
  elif [[ -f $UNIT ]] && is_recorded unit "$UNIT"; then
    step 'stop daemontools' systemctl -q disable --now daemontools.service
  fi
  local index
  for ((index = ${#lines[@]} - 1; index >= 0; index--)); do take_back "${lines[index]}" "$others"; done
  if [[ -f $program ]] && ! is_recorded file "$program"; then say "keep $program: it was there before"; fi
  if [[ $dry_run == no ]]; then forget_what_is_gone "${lines[@]}"; fi
  say 'done'
}

# remove_service LINK: ends a service and its logger, so that svscan forgets them.
remove_service() {
  local link=$1 directory
  directory=$(readlink "$link") || return 0
  step "stop $link" stop_service "$link" "$directory"
}

stop_service() {
  local link=$1 directory=$2 tries
  if /command/svok "$link" 2>/dev/null; then
    "$program" stop --timeout 60s "$link" || true
    rm -f "$link" && /command/svc -dx "$directory" "$directory/log" || return
    for ((tries = 0; tries < 600; tries++)); do
      /command/svok "$directory" 2>/dev/null || /command/svok "$directory/log" 2>/dev/null || break
      sleep 0.1
    done
  fi
  rm -f "$link" && rm -rf "$directory/supervise" "$directory/log/supervise"
}

# take_back LINE OTHERS: what daemontools needs stays if there are OTHERS.
take_back() {
  local kind=${1%% *} path=${1#* } new
  if [[ $2 != '' && $path != /daemon/services/* && $path != "$services"/* && $path != "$record_directory"/* ]]; then return 0; fi
  if [[ $purge == no ]] && is_kept "$path"; then return 0; fi
  new_name "$path"
  if [[ $dry_run == no && (-e $new || -L $new) ]]; then rm -f "$new"; fi # left by a setup that was killed
  case $kind in
    file) [[ ! -f $path ]] || step "remove $path" rm -f "$path" ;;
    link) [[ ! -L $path ]] || step "remove $path" rm -f "$path" ;;
    tree) [[ ! -d $path ]] || step "remove $path" rm -rf "$path" ;;
    unit) [[ ! -f $path ]] || step "remove $path" remove_unit "$path" ;;
    label) step "remove the label of $path" semanage fcontext -d "$path" ;;
    directory) take_back_directory "$path" ;;
  esac
}

# Settings, logs, and up to where logs have been shipped.
is_kept() { [[ $1 == /daemon/services/*/env* || $1 == /daemon/services/*/log/main || $1 == "$record_directory"/* ]]; }

take_back_directory() {
  [[ -d $1 ]] || return 0
  if [[ $purge == yes ]] && is_kept "$1"; then
    step "remove $1" rm -rf "$1"
  elif [[ $dry_run == yes ]]; then
    say "remove directory $1, if it is empty then"
  elif rmdir "$1" 2>/dev/null; then
    say "remove directory $1"
  else
    say "keep directory $1: it is not empty"
  fi
}

remove_unit() { rm -f "$1" && systemctl daemon-reload; }

# Keeps in the record what is still there, for an --uninstall --purge later.
forget_what_is_gone() {
  local line path kept=()
  for line in "$@"; do
    path=${line#* }
    if [[ -e $path || -L $path ]]; then kept+=("$line"); fi
  done
  if ((${#kept[@]} > 0)); then
    printf '%s\n' "${kept[@]}" | replace "$record_file" 644 root:root
  else
    rm -f "$record_file" && rmdir "$record_directory" 2>/dev/null
  fi
}
