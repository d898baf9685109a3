#!/bin/sh
# A log that is rotated in two ways while logship is killed: each line is stored once.

path_ship() {
  log=$PWD/access.log
  written=0
  set -- ship --state "$PWD/state" --host h --to "file://$PWD/stored" --piece-bytes 4k --max-age 100ms "$log"
  write_lines
  for round in 0 1 2 3 4 5 6 7; do
    logship "$@" &
    background=$!
    write_lines
    # What is rotated before it was seen once is none of logship's business, so that the first round waits.
    if [ $((round % 2)) -eq 0 ]; then await "line in round $round" grep -rq "line $written " stored; else sleep 0.3; fi
    write_lines
    kill -9 $background
    wait $background || :
    shift_copies
    if [ $((round % 4)) -lt 2 ]; then
      mv "$log" "$log.1"
    else
      cp "$log" "$log.1"
      : >"$log"
    fi
    write_lines
  done
  background=
  logship "$@" --once
  find stored -type f -name '*.log' ! -name '.*' | sort | while read -r piece; do cat "$piece"; done >found
  same found all
  equal "the last line" "$(tail -n 1 all)" "line $written of the log"
}

write_lines() {
  seq -f 'line %.0f of the log' $((written + 1)) $((written + 150)) >some
  cat some >>all
  cat some >>"$log"
  written=$((written + 150))
}

# access.log.1 becomes access.log.2 and so on.
shift_copies() {
  copy=$round
  while [ "$copy" -gt 0 ]; do
    mv "$log.$copy" "$log.$((copy + 1))"
    copy=$((copy - 1))
  done
}
