#!/bin/sh
# What keeps logs as daemontools does.

path_multilog() {
  seq 3000 >all
  logship multilog t s4096 n100 ./main <all
  logship multilog '!tr 0-9 a-j' s4096 n100 ./processed <all
  lines_of main | unstamped | cmp - all
  lines_of main | cut -c 1-25 | sort -c
  equal "files larger than 4096 bytes" "$(find main -name '@*' -size +4096c)" ""
  lines_of processed | tr a-j 0-9 | cmp - all
  equal "finished files that were not processed" "$(grep -l '[0-9]' processed/@*.s || :)" ""
  printf 'a1\nb2\na3\n' | logship multilog '-*' '+a*' n2 ./selected =last
  equal "what was selected" "$(tr '\n' ' ' <selected/current)" "a1 a3 "
  equal "the status file" "$(sed -n 1p last)" "a3"
  logship multilog s4096 n3 ./few <all
  equal "the files that are kept" "$(find few -name '@*' -o -name current | wc -l | tr -d ' ')" 3
  kill_multilog
  end_multilog
}

# A FIFO that stays open, as svscan keeps it, and a writer that is killed.
kill_multilog() {
  mkfifo fifo
  exec 3<>fifo
  for round in 0 1 2 3 4 5; do
    logship multilog s4096 n100 ./killed <fifo 3>&- &
    background=$!
    seq $((round * 1000 + 1)) $((round * 1000 + 1000)) >&3
    if [ $((round % 2)) -eq 0 ]; then await "line of round $round" grep -rq "^$((round * 1000 + 999))$" killed; else sleep 0.2; fi
    kill -9 $background
    wait $background || :
  done
  logship multilog s4096 n100 ./killed <fifo 3>&- &
  background=$!
  exec 3>&-
  wait $background
  background=
  seq 6000 >all
  lines_of killed | cmp - all
}

# TERM ends it with 0, and ALRM rotates.
end_multilog() {
  exec 3<>fifo
  logship multilog ./ended <fifo 3>&- &
  background=$!
  echo first >&3
  await "first line" grep -q first ended/current
  kill -ALRM $background
  await "rotation" grep -rq --include="@*.s" first ended
  echo last >&3
  await "last line" grep -q last ended/current
  kill -TERM $background
  wait $background
  background=
  exec 3>&-
  equal "the mode of a complete current" "$(stat -c %a ended/current)" 744
}

lines_of() { cat "$1"/@* "$1/current"; }

unstamped() { sed 's/^@[0-9a-f]\{24\} //'; }

path_filters() {
  equal "tai64nlocal" "$(echo '@400000003b4a39c23294b13c fatal: out of memory' | logship tai64nlocal)" \
    "2001-07-09 23:09:44.848605500 fatal: out of memory"
  seq 1000 >all
  logship tai64n <all >stamped
  unstamped <stamped | cmp - all
  logship tai64nlocal <stamped | sed 's/^....-..-.. ..:..:..\.[0-9]\{9\} //' | cmp - all
  equal "the date" "$(logship tai64nlocal <stamped | sed -n '$p' | cut -c 1-10)" "$(date -u +%Y-%m-%d)"
}

path_stand_ins() {
  seq 2000 | multilog t s4096 n100 ./main
  equal "lines by the link multilog" "$(lines_of main | unstamped | cksum)" "$(seq 2000 | cksum)"
  equal "the script of multilog in its own name" "$(code_of logship multilog x | sed -n '$p')" "exit code 100"
  equal "the links of the filters" "$(echo x | tai64n | tai64nlocal | sed 's/^[^ ]* [^ ]* //')" x
  mkdir idle
  equal "svok of what nobody supervises" "$(code_of svok idle)" "exit code 100"
  equal "svstat of no service" "$(code_of svstat nowhere | sed -n 1p)" "nowhere: unable to chdir: file does not exist"
}
