# Where daemontools 0.76 comes from, and how it is placed; sourced by setup.sh, which sets the variables.
# shellcheck shell=bash disable=SC2154,SC2034

ADMIN=/daemon/admin
SOURCE=$ADMIN/daemontools-0.76
NEW_SOURCE=$ADMIN/.daemontools-0.76.new
DISTRIBUTION=/usr/bin
COMMANDS=(
  envdir envuidgid fghack multilog pgrphack readproctitle setlock setuidgid softlimit
  supervise svc svok svscan svscanboot svstat tai64n tai64nlocal
)

has_daemontools() { [[ -x /command/svscanboot ]]; }

# Debian's package, for one, has all of it in /usr/bin.
has_distribution() {
  local name
  for name in "${COMMANDS[@]}"; do [[ -x $DISTRIBUTION/$name ]] || return; done
}

# Sets origin: what is `here` is not touched, the `distribution`'s programs are linked to, `new` has yet to be found.
# Sets services, the directory that svscan looks in, and unit, which starts svscan.
find_daemontools() {
  local boot=/command/svscanboot
  services=/service unit=daemontools.service
  if has_link $DISTRIBUTION/svscanboot $boot && has_distribution; then
    origin=distribution
  elif has_daemontools || [[ -x $SOURCE/command/svscanboot ]]; then
    origin=here
  elif [[ $from_source == no ]] && has_distribution; then
    origin=distribution boot=$DISTRIBUTION/svscanboot
  else
    origin=new
  fi
  [[ ! -f $boot ]] || services=$(scanned_by "$boot")
  if [[ $origin == distribution ]] && systemctl cat daemontools-run.service >/dev/null 2>&1; then
    unit=daemontools-run.service
  fi
}

# Everything that can fail for reasons outside of this host, before anything else is installed.
prepare_daemontools() {
  [[ $origin == new ]] || return 0
  origin=source
  if [[ $from_source == no ]] && has_programs; then
    origin=logship
    grep -q "^$account:" /etc/passwd ||
      fatal "unable to install: the programs in logship know accounts of /etc/passwd only, not $account (--from-source)"
  else
    prepare_source
  fi
}

# Where nothing may be executed, such as a noexec home, only what is installed can be asked.
has_programs() {
  local file version
  file=$(program_source) || return
  if ! version=$("$file" --version 2>/dev/null); then
    install_program
    version=$("$program" --version 2>/dev/null) || return
  fi
  [[ $version == *', with daemontools '* ]]
}

# scanned_by SVSCANBOOT: its own is /service, Debian's /etc/service.
scanned_by() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ (^|[[:space:]/])svscan[[:space:]]+(/[^[:space:]]*[^[:space:]/]) ]]; then
      echo "${BASH_REMATCH[2]}"
      return
    fi
  done <"$1"
  echo /service
}

place_daemontools() {
  make_directory /daemon 1755 root:root
  if [[ $origin == distribution ]]; then
    link_distribution
  elif ! has_daemontools || is_recorded tree $SOURCE; then
    make_directory $ADMIN 755 root:root
    if [[ ! -x $SOURCE/command/svscanboot ]]; then
      record tree $SOURCE
      step "put daemontools into $SOURCE" put_in_place
      label_commands
    fi
    link_commands
  fi
  make_directory "$services" 755 root:root
}

# Moved twice, because the first move may have to copy from another disk and can be interrupted.
put_in_place() {
  rm -rf $NEW_SOURCE && bring_programs && rm -rf $SOURCE && mv -T $NEW_SOURCE $SOURCE
}

bring_programs() {
  case $origin in
    logship) "$program" setup --unpack-daemontools $NEW_SOURCE/command ;;
    source) mv -T "$staging/admin/daemontools-0.76" $NEW_SOURCE ;;
  esac
}

# The links that package/upgrade makes; package/run would edit /etc/inittab, which systemd does not read.
link_commands() {
  local name missing=()
  make_link daemontools-0.76 $ADMIN/daemontools
  make_directory /command 755 root:root
  make_directory /usr/local/bin 755 root:root
  if has_command_links; then return 0; fi
  for name in "${COMMANDS[@]}"; do
    has_link "$ADMIN/daemontools/command/$name" "/command/$name" && has_link "/command/$name" "/usr/local/bin/$name" &&
      continue
    missing+=("$name")
    record link "/command/$name"
    record link "/usr/local/bin/$name"
  done
  ((${#missing[@]} == 0)) || step "link ${#missing[@]} commands into /command and /usr/local/bin" link_each "${missing[@]}"
}

# One program for all of them; where a link is missing or another one, each is looked at.
has_command_links() {
  local name paths=() wanted=() found
  for name in "${COMMANDS[@]}"; do
    paths+=("/command/$name" "/usr/local/bin/$name")
    wanted+=("$ADMIN/daemontools/command/$name" "/command/$name")
  done
  mapfile -t found < <(readlink ${paths[@]+"${paths[@]}"})
  [[ ${found[*]-} == "${wanted[*]}" ]]
}

# /command is where run scripts and the unit expect them.
link_distribution() {
  local name
  make_directory /command 755 root:root
  for name in "${COMMANDS[@]}"; do make_link "$DISTRIBUTION/$name" "/command/$name"; done
}

link_each() {
  local name
  for name in "$@"; do
    link_over "$ADMIN/daemontools/command/$name" "/command/$name" &&
      link_over "/command/$name" "/usr/local/bin/$name" || return
  done
}

# Nothing under /daemon is a program for SELinux by default; units of others may start these too.
label_commands() {
  has_selinux || return 0
  if command -v semanage >/dev/null; then
    record label "$SOURCE/command(/.*)?"
    step "label $SOURCE/command as programs" label_with_semanage
  else
    step "label $SOURCE/command as programs" chcon -R -t bin_t "$SOURCE/command"
  fi
}

has_selinux() { command -v getenforce >/dev/null && [[ $(getenforce) != Disabled ]]; }

label_with_semanage() {
  local pattern="$SOURCE/command(/.*)?"
  { semanage fcontext -a -t bin_t "$pattern" || semanage fcontext -m -t bin_t "$pattern"; } &&
    restorecon -R "$SOURCE/command"
}
