#!/bin/sh
# TAI64 labels of the npm package tai64 beside those of daemontools.
# One would expect: the same second has the same label.
# What happens: the package adds the leap seconds up to that second (37 today, none before 1972), daemontools and everything that
# writes logs like it the constant 10, so that a label of `TAI64.now()` reads as 27 s ahead of a line that multilog wrote in
# the same second. TAI64N, with nanoseconds, the package has not.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm install --silent --no-audit --no-fund tai64@1.0.0 >/dev/null
cat >labels.mjs <<'JS'
import tai64 from "tai64";
const BASE = 2n ** 62n;
const added = (unix) => Number(BigInt(`0x${tai64.TAI64.fromUnix(unix).toHexString()}`) - BASE - BigInt(unix));
const seen = ["1971-06-01", "1985-01-01", "2016-12-31", "2017-01-01", "2026-01-01"].map((day) => [day, added(Date.parse(day) / 1000)]);
console.log(`tai64 1.0.0, Node.js ${process.version}`);
console.log("expected, as daemontools: 10 seconds are added, always");
for (const [day, seconds] of seen) console.log(`${day}: ${seconds} seconds are added`);
process.exitCode = JSON.stringify(seen.map(([, seconds]) => seconds)) === process.argv[2] ? 0 : 1;
JS
node labels.mjs '[0,22,36,37,37]'
