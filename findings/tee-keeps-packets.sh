#!/bin/sh
# tee(2) from a pipe in packet mode (O_DIRECT) into an ordinary pipe.
# One would expect: the ordinary pipe is a stream, so a read of one byte leaves the rest for the next read.
# What happens: the copied buffers stay packets. Reads of the ordinary pipe end at their borders, and what of a packet
# does not fit into a read is thrown away, though nobody ever put that pipe into packet mode.
set -eu
python3 - <<'PYTHON'
import ctypes, os, platform, sys
libc = ctypes.CDLL(None, use_errno=True)
print("Linux", platform.release(), "- Python", platform.python_version())
packets, into_packets = os.pipe2(os.O_DIRECT)
stream, into_stream = os.pipe()
for words in (b"one", b"two", b"three"):
    os.write(into_packets, words)
copied = libc.tee(packets, into_stream, ctypes.c_size_t(100), 0)
seen = [os.read(stream, 100), os.read(stream, 1), os.read(stream, 100)]
print("copied by tee:", copied, "bytes")
print("expected of the ordinary pipe: b'onetwothree', in whatever steps")
print("read up to 100, 1 and 100 bytes:", seen)
lost = copied - sum(map(len, seen))
print("bytes that no read returned:", lost)
sys.exit(0 if (copied, seen, lost) == (11, [b"one", b"t", b"three"], 2) else "no longer so")
PYTHON
