#!/bin/sh
# What simulates, and what stores files as they are.

# A command whose records are the same on any host.
repeatably() { # COMMAND OPTION...
  command=$1
  shift
  logship "$command" --seed 7 --start 2017-01-12T14:36:56Z "$@"
}

path_starts() {
  equal "logship --version" "$(logship --version | sed 's/^\(logship\) [0-9.]* (.*)$/\1/')" logship
  logship --help | grep '^  multilog  '
  logship run --help | grep '^  --interval <duration>'
  for shell in bash zsh fish; do logship completion $shell | grep logship >/dev/null; done
  equal "an unknown command" "$(code_of logship no-such-command | sed -n '$p')" "exit code 100"
}

path_generate() {
  while read -r wanted options; do
    # shellcheck disable=SC2086
    equal "generate $options" "$(repeatably generate $options </dev/null | sha256sum | cut -c 1-64)" "$wanted"
  done <<"EOF"
44b0250d5a62e28982b06feeb9bbc735be26ad89831e3bd09054042a7c63309d --records 1000
293854b9ea82456c110eeb6532fc9ba074fdde87348d66d538ed8ec30e534801 --records 1000 --format combined
002f9fb3c8a8d05a30876823ad13ec8c5935c29ce21d54bff055d0af17490beb --records 1000 --format nginx-json
b6617a69afbde5f693be9aecc9dea0c934873effec96c8b96a1a26ce61d36a8c --records 1000 --format script
d585043ac4fbd2b82f58020da2eec5acedd4620db253f1be633b02b83948047b --bytes 1M
5da142c5a4c08814d31ff8addb4ba0e56c5dc713ad60666bceb92a3d6c4ae47f --records 500 --rate 1000/s
aa8766424461194f8bbecae5a7ee61a286613fb186f064ebbe7b8b91628f9c7c --bytes 200k --step 7ms
afd6b873ff15d668831dc1c39d0d8304262b199ecc34326169f37413585f846c --records 1000 --format combined --timezone <-03>3
a4d07084bc8623896d1e9891920e52d2f17f9ede332ef6a0ba12efce99c39e05 --records 3000 --shard 2/3
EOF
}

path_split() {
  seq 60000 >all
  logship split -C 100000 all piece.
  cat piece.* | cmp - all
  split -C 100000 all theirs.
  for piece in theirs.*; do same "$piece" "piece.${piece#theirs.}"; done
}

path_run() {
  repeatably run --once --success --records 5000 --piece-bytes 500k --to "file://$PWD/out"
  repeatably verify "file://$PWD/out"
  piece=$(find out -name '*.log.ab')
  printf x | dd of="$piece" bs=1 seek=1000 conv=notrunc
  equal "verify of a damaged piece" "$(code_of logship verify "file://$PWD/out" | sed -n '$p')" "exit code 1"
}

path_upload() {
  mkdir -p old/deeper
  seq 20000 >old/a
  seq 300 >old/deeper/b
  : >old/empty
  logship upload old --to "file://$PWD/plain"
  diff -r old plain/old
  logship upload --gzip old/a --to "file://$PWD/packed"
  gzip -dc "$(find packed -name 'a.gz')" | cmp - old/a
}
