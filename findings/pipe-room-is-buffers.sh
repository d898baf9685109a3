#!/bin/sh
# The room of a pipe of 65 536 bytes.
# One would expect: it is full when 65 536 bytes are in it, and has room again for what was read from it.
# What happens: it has 16 buffers. Sixteen bytes that came by splice(2), one a call, fill it; and of a pipe that was filled by
# writes, reading 4095 bytes gives no room at all: poll(2) says so only when a whole buffer has been emptied.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
echo x >"$dir/file"
python3 - "$dir/file" <<'PYTHON'
import fcntl, os, platform, select, sys
print("Linux", platform.release(), "- Python", platform.python_version())

def fill(put):
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    total = 0
    try:
        while True:
            total += put(writing)
    except BlockingIOError:
        return reading, writing, total

file = os.open(sys.argv[1], os.O_RDONLY)
_, writing, spliced = fill(lambda end: os.splice(file, end, 1, offset_src=0, flags=os.SPLICE_F_NONBLOCK))
print("size of the pipe:", fcntl.fcntl(writing, fcntl.F_GETPIPE_SZ), "bytes; full after splices of", spliced, "bytes in all")

reading, writing, written = fill(lambda end: os.write(end, b"x" * 4096))
poll = select.poll()
poll.register(writing, select.POLLOUT)
has_room = []
for count in (4095, 1):
    os.read(reading, count)
    has_room.append(bool(poll.poll(0)))
print("full after writes of", written, "bytes; room after reading 4095 bytes, and after one more:", has_room)
sys.exit(0 if (spliced, written, has_room) == (16, 65536, [False, True]) else "no longer so")
PYTHON
