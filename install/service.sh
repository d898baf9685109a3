# The program, the service and the systemd unit; sourced by setup.sh, which sets the variables.
# shellcheck shell=bash disable=SC2154,SC2034

UNIT=/lib/systemd/system/daemontools.service
service_changed=no

install_program() {
  local file
  file=$(program_source) || fatal 'unable to find dist/logship'
  if cmp -s "$file" "$program"; then
    keep_program
    return
  fi
  make_directory /usr/local/bin 755 root:root
  record file "$program"
  step "install $program" copy_program "$file"
  service_changed=yes
}

# It may have been moved here out of a home: owner, mode and label have come with it.
keep_program() {
  [[ $(stat -c '%a %U:%G' "$program") == '755 root:root' ]] || step "give $program to root" own_program
  [[ $dry_run == yes ]] || label_program
}

own_program() { chown root:root "$program" && chmod 755 "$program"; }

label_program() {
  if has_selinux; then restorecon "$program"; fi
}

copy_program() {
  local new
  new_name "$program" && install -m 755 -o root -g root "$1" "$new" && "$new" --version >/dev/null &&
    mv -f "$new" "$program" && label_program
}

install_service() {
  local group home content ionice=''
  group=$(id -gn "$account") home=$(getent passwd "$account" | cut -d: -f6)
  make_directory /daemon/services 755 root:root
  make_directory "$service" 755 root:root
  make_directory "$service/env" 700 root:root
  make_directory "$service/log" 755 root:root
  make_directory "$service/log/main" 2755 "$account:$group"
  [[ -f $service/env/HOME ]] || set_variable "HOME=$home"
  local setting
  for setting in ${settings[@]+"${settings[@]}"}; do set_variable "$setting"; done
  # Containers and some kernels have no I/O priorities to give.
  if [[ -x /usr/bin/ionice ]] && /usr/bin/ionice -c 2 -n 0 true 2>/dev/null; then
    ionice='/usr/bin/ionice -c 2 -n 0 '
  fi
  content=$(<"$here/log-run")
  make_file "$service/log/run" 755 root:root "${content//ACCOUNT/$account}"$'\n'
  if [[ $job == ship ]]; then
    install_state "$group"
    content=$(ship_script)
  else
    content=$(<"$here/run")
    content=${content//ACCOUNT/$account}
    content=${content//IONICE/$ionice}
  fi
  make_file "$service/run" 755 root:root "$content"$'\n'
  make_doors "$service" "$group"
  make_doors "$service/log" "$group"
}

# make_doors DIRECTORY GROUP: lets the account control a service and everybody look at it. supervise keeps the owner and
# mode of the FIFOs that it finds. Its directory stays root's: who could write there could make root write elsewhere.
make_doors() {
  local doors=$1/supervise owner=$account:$2
  make_directory "$doors" 755 root:root
  record tree "$doors"
  [[ $(stat -c '%a %U' "$doors" 2>/dev/null) == '755 root' ]] || step "open $doors to look into" chmod 755 "$doors"
  make_fifo "$doors/ok" 622 "$owner"
  make_fifo "$doors/control" 600 "$owner"
}

# make_fifo PATH MODE OWNER: or gives the one that is there this mode and owner.
make_fifo() {
  if [[ -p $1 && $(stat -c '%a %U:%G' "$1") == "$2 $3" ]]; then return 0; fi
  step "give $1 to ${3%%:*}" give_fifo "$@"
}

give_fifo() { { [[ -p $1 ]] || mkfifo -m 600 "$1"; } && chown "$3" "$1" && chmod "$2" "$1"; }

# set_variable NAME=VALUE: in the directory that envdir reads; without value the variable is taken away.
set_variable() {
  local file=$service/env/${1%%=*} value=${1#*=}
  [[ $value != *$'\n'* ]] || fatal "unable to set ${1%%=*}: its value has more than one line" 100
  if [[ $value != '' ]]; then
    make_file "$file" 600 root:root "$value"$'\n'
  elif [[ -f $file ]]; then
    step "remove $file" rm -f "$file"
    service_changed=yes
  fi
}

install_unit() {
  local content
  content=$(<"$here/daemontools.service")
  content=${content//SERVICES/$services}
  if [[ $unit != "${UNIT##*/}" ]] || { ! is_recorded unit "$UNIT" && systemctl cat "$unit" >/dev/null 2>&1; }; then
    say "keep the $unit that is here already"
  elif [[ ! -f $UNIT || $(<"$UNIT") != "$content" ]]; then
    record unit "$UNIT"
    step "write $UNIT" write_unit "$content"
  fi
  if [[ $(systemctl is-enabled "$unit" 2>/dev/null) != enabled ]]; then
    step "start $unit whenever the host starts" systemctl -q enable "$unit"
  fi
  if [[ $(systemctl is-active "$unit" 2>/dev/null) != active ]]; then
    step "start $unit now" systemctl start "$unit"
  fi
}

write_unit() { printf '%s\n' "$1" | replace "$UNIT" 644 root:root && systemctl daemon-reload; }

# Tells what doctor finds to mend, with the settings and the rights that the service has. The service is set up, whatever that is.
examine() {
  local found code
  found=$(env -i PATH="$PATH" /command/envdir "$service/env" /command/setuidgid "$account" \
    "$program" doctor --quiet --services "$services" 2>&1)
  code=$?
  [[ $found == '' ]] || printf '%s\n' "$found"
  case $code in
    0) say 'logship doctor: nothing has failed' ;;
    111) say 'logship doctor could not look at everything, see above' ;;
    *) warn 'logship doctor has found what is to be mended, see above' ;;
  esac
}

link_service() { make_link "$service" "$services/$service_name"; }

# Waits for the service, and shows it and what to do next.
show_result() {
  local running=$services/$service_name
  say "wait until $running is up"
  if [[ $service_changed == yes ]] && /command/svok "$running" 2>/dev/null; then
    step 'restart it with what has changed' "$program" restart --timeout 60s "$running"
  fi
  "$program" start --timeout 60s "$running" >/dev/null || fatal "unable to start $running: see logship tail $running"
  "$program" status "$running" "$running/log"
  examine
  printf '\nNext:\n'
  # With its directory, which sudo may not have in its path.
  printf '  %s status --verbose    # the last upload, the last trouble\n' "$program"
  printf '  %s tail -f %s    # the log as it grows\n' "$program" "$service_name"
  printf '  %s restart %s    # after a change in %s/env\n' "$program" "$service_name" "$service"
}
