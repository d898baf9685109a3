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
cdb3cfe30ef9527b024355425c1fb9b56d4ac7e74da02135b7eb5b05cfbd5259 --records 3000
66bfb454f577cbea86f7c21958c9b20cb278484c9ec6a00cab6ab75ea7689fe2 --records 3000 --format combined
a1f1e6fee11ecdd2997e29656e1579b2e602adced4346abaaa7c3f0e7cd9988c --records 3000 --format nginx-json
c4b525d407cea3b4c32169372ccb8160741a8afe6e1fc17729605bf1effaddb5 --records 3000 --format script
4f29ba2cd561597ce70a5148d331fd53fc50018f45c91156b48705ea48c2a250 --bytes 2M
5da142c5a4c08814d31ff8addb4ba0e56c5dc713ad60666bceb92a3d6c4ae47f --records 500 --rate 1000/s
b5b27371b43e8a30936bf12ee04471c00f46f2f1fc885b4161d8e7389e1a0f1e --bytes 300k --step 7ms
361c2ef2a02c0a8972c96a19131881427acc70fabeb3ce6c21cb41cdea53e9d3 --records 3000 --format combined --timezone <-03>3
941ab81b732922f4da359fe8d5980a250f267f3d5e88ce3b45c450b3eb7393f0 --records 9000 --shard 2/3
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
  repeatably run --once --success --piece-bytes 500k --to "file://$PWD/out"
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
  diff -r old plain/old || diff -r old plain
  logship upload --gzip old/a --to "file://$PWD/packed"
  gzip -dc "$(find packed -name 'a.gz')" | cmp - old/a
}
