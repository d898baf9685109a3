#!/bin/bash
# Makes this host a supervised shipper: daemontools 0.76, logship, and a service that is started with the host.
# Safe to run again: what is there and right is left alone. Needs bash 4.2, systemd and root.
set -uo pipefail
umask 022

usage() {
  printf 'usage: %s [options]            set up, or change what these options say\n' "$called"
  printf '       %s --uninstall [--purge]\n\n' "$called"
  cat "$here/options.txt"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 111
# shellcheck source=install/messages.sh
source "$here/messages.sh"
# shellcheck source=install/preflight.sh
source "$here/preflight.sh"
# shellcheck source=install/daemontools.sh
source "$here/daemontools.sh"
# shellcheck source=install/from-source.sh
source "$here/from-source.sh"
# shellcheck source=install/ship.sh
source "$here/ship.sh"
# shellcheck source=install/pages.sh
source "$here/pages.sh"
# shellcheck source=install/service.sh
source "$here/service.sh"
# shellcheck source=install/uninstall.sh
source "$here/uninstall.sh"

called=${LOGSHIP_SETUP_NAME:-install/setup.sh}
account=ec2-user service_name='' dry_run=no action=install purge=no from_source=no
bucket='' prefix='' interval='' settings=() sources=()
tarball=https://cr.yp.to/daemontools/daemontools-0.76.tar.gz
record_directory=/var/lib/logship record_file=/var/lib/logship/made
program=/usr/local/bin/logship

read_options() {
  while (($# > 0)); do
    if [[ $1 =~ ^(--[a-z-]+)=(.*)$ ]]; then set -- "${BASH_REMATCH[1]}" "${BASH_REMATCH[2]}" "${@:2}"; fi
    case $1 in
      --ship | --user | --bucket | --prefix | --region | --interval | --env | --daemontools-tarball | --service)
        (($# > 1)) || fatal "unable to parse $1: it needs a value" 100
        read_value "$1" "$2"
        shift
        ;;
      --from-source) from_source=yes ;;
      --dry-run) dry_run=yes ;;
      --uninstall) action=uninstall ;;
      --purge) purge=yes ;;
      -h | --help)
        usage
        exit 0
        ;;
      *) fatal "unable to parse $1: no such option (see --help)" 100 ;;
    esac
    shift
  done
  [[ $purge == no || $action == uninstall ]] || fatal 'unable to parse --purge: it belongs to --uninstall' 100
  [[ $bucket != '' || $prefix == '' ]] || fatal 'unable to parse --prefix: it needs --bucket' 100
  [[ $interval == '' || ${#sources[@]} == 0 ]] || fatal 'unable to parse --interval: it belongs to the simulation' 100
  [[ $interval == '' ]] || settings+=("LOGSHIP_INTERVAL=$interval")
  [[ $bucket == '' ]] || settings+=("LOGSHIP_TO=s3://$bucket${prefix:+/$prefix}")
}

read_value() {
  case $1 in
    --ship) read_source "$2" ;;
    --user) account=$2 ;;
    --bucket) bucket=${2#s3://} ;;
    --prefix) prefix=${2#/} ;;
    --region) settings+=("AWS_REGION=$2") ;;
    --interval) interval=$2 ;;
    --daemontools-tarball) tarball=$2 from_source=yes ;;
    --service)
      [[ $2 =~ ^[A-Za-z0-9_][A-Za-z0-9_.-]*$ ]] || fatal "unable to parse --service $2: must be a plain name" 100
      service_name=$2
      ;;
    --env)
      local name=${2%%=*}
      [[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || fatal "unable to parse --env $name: must be NAME=VALUE or NAME" 100
      if [[ $2 == *=* ]]; then settings+=("$2"); else settings+=("$name=${!name-}"); fi
      ;;
  esac
}

main() {
  read_options "$@"
  if ((${#sources[@]} > 0)); then service_name=${service_name:-ship}; fi
  service_name=${service_name:-requisitions}
  service=/daemon/services/$service_name
  trap clean_up EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  be_alone
  read_record
  if [[ $action == uninstall ]]; then
    uninstall
    return
  fi
  find_daemontools
  choose_job
  preflight
  [[ $dry_run == no ]] || say 'dry run: nothing is changed'
  prepare_daemontools
  install_program
  place_daemontools
  install_pages
  install_service
  link_service # before svscan starts, which looks into its directory at once and then every five seconds
  install_unit
  if [[ $dry_run == yes ]]; then return; fi
  ((changes > 0)) || say 'everything is in place already'
  show_result
}

# Two at once would take each other's unfinished names.
be_alone() {
  ((EUID == 0)) || return 0 # which the checks that follow tell about
  lock=${LOGSHIP_SETUP_LOCK:-} # held already by `logship setup`
  [[ $lock != '' ]] || exec {lock}>/run/logship-setup.lock || fatal 'unable to open /run/logship-setup.lock'
  flock -n "$lock" || fatal 'unable to begin: another setup is at work'
}

# Removes what is only there while this script runs, however it ends.
clean_up() {
  local status=$?
  [[ ${staging:-} == '' ]] || rm -rf "$staging"
  [[ ${pages:-} == '' ]] || rm -rf "$pages"
  exit "$status"
}

main "$@"
