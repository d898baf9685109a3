#!/bin/sh
# The services of this host, from one file to nothing, with systemd.

path_setup() {
  install -d -m 777 out
  chmod 711 "$WORK" # for the account of the service
  cp "$EXECUTABLE" ./logship
  set -- --interval 1s --env LOGSHIP_RECORDS=300 --env LOGSHIP_SUCCESS=yes --env "LOGSHIP_TO=file://$PWD/out"
  ./logship setup "$@" --dry-run
  [ ! -e /service ] || fail "--dry-run has made /service"
  ./logship setup "$@"
  equal "the unit" "$(systemctl is-active daemontools.service) $(systemctl is-enabled daemontools.service)" "active enabled"
  await "first batch" has_batches 1
  installed=/usr/local/bin/logship
  $installed status --verbose | grep '^/service/requisitions: up (pid [0-9]*) '
  $installed tail -n 1 requisitions | grep ' upload: '
  $installed stop requisitions
  $installed verify "file://$PWD/out"
  before=$(batches)
  $installed start requisitions
  await "batch after the start" has_batches $((before + 1))
  $installed setup "$@" | grep '^setup: everything is in place already$'
  $installed setup --uninstall --purge
  for left in /service /command /daemon /usr/local/bin/logship; do
    [ ! -e $left ] || fail "uninstalling has left $left"
  done
}

batches() { find out -type d -name 'access.*' | wc -l; }

has_batches() { [ "$(batches)" -ge "$1" ]; }
