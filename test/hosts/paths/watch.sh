#!/bin/sh
# What shows and controls the services of a host.

path_tail() {
  seq 100 | logship multilog t ./main
  equal "tail -n 3" "$(logship tail -n 3 --tai ./main | unstamped | tr '\n' ' ')" "98 99 100 "
  equal "tail --grep" "$(logship tail --since 1h --grep '7$' --tai ./main | unstamped | wc -l | tr -d ' ')" 10
  equal "the date" "$(logship tail -n 1 --utc ./main | cut -c 1-10)" "$(date -u +%Y-%m-%d)"
  logship tail -f -n 1 --tai ./main >followed &
  background=$!
  await "last line" grep -q ' 100$' followed
  seq 101 3000 | logship multilog t s4096 n100 ./main
  await "line across rotations" grep -q ' 3000$' followed
  kill -TERM $background
  wait $background || :
  background=
  equal "what tail -f showed" "$(unstamped <followed | cksum)" "$(seq 100 3000 | cksum)"
}

path_services() {
  mkdir -p services/job/log
  programs=$PWD/programs
  if logship --version | grep -q daemontools; then
    logship setup --unpack-daemontools "$programs"
    PATH=$programs:$PATH
  elif ! command -v svscan; then
    echo "neither has this logship daemontools inside, nor the host"
    exit 77
  fi
  printf '#!/bin/sh\necho started\nexec sleep 1000\n' >services/job/run
  printf '#!/bin/sh\nexec "%s" multilog t ./main\n' "$WORK/bin/logship" >services/job/log/run
  chmod 755 services/job/run services/job/log/run
  export LOGSHIP_SERVICES="$PWD/services"
  svscan services &
  background=$!
  trap 'kill -9 $background; svc -dkx services/job services/job/log 2>/dev/null || :' EXIT
  logship start --timeout 60s job | grep 'job: up (pid [0-9]*) [0-9]* seconds'
  logship status --json | grep '"up"'
  first=$(pid_of_job)
  logship restart --timeout 60s job
  [ "$(pid_of_job)" != "$first" ] || fail "restart has left process $first"
  svc -t services/job
  logship stop --timeout 60s job
  equal "status of what is down" "$(code_of logship status job | sed -n '$p')" "exit code 1"
  await "two starts in the log" has_started_twice
}

pid_of_job() { svstat services/job | sed 's/^services\/job: up (pid \([0-9]*\)).*/\1/'; }

has_started_twice() { [ "$(logship tail --tai job | grep -c started)" -ge 2 ]; }

path_doctor() {
  mkdir stored
  code_of logship doctor --services "$PWD" --state "$PWD" --to "file://$PWD/stored" >found
  cat found
  grep -q '^ok ' found
  case $(sed -n '$p' found) in
    "exit code 0" | "exit code 1") ;;
    *) fail "doctor could not look" ;;
  esac
}
