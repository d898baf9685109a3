#!/bin/sh
# ioctl(FIONREAD), the number of bytes that can be read, on a regular file.
# One would expect: what is left behind the position, or the largest int where it does not fit.
# What happens: the lower 32 bits of the difference. With 4 GiB left it says 0, with 2 GiB a negative number, and behind the end
# a negative number too, so that 0 is no sign of the end and nothing below 0 one of an error.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 - "$dir/sparse" <<'PYTHON'
import array, fcntl, os, platform, sys, termios
print("Linux", platform.release(), "- Python", platform.python_version())
file = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)
answer = array.array("i", [0])
seen = []
for size, position in ((100, 0), (2**31, 0), (2**32, 0), (2**32 + 5, 0), (100, 150)):
    os.ftruncate(file, size)
    os.lseek(file, position, os.SEEK_SET)
    fcntl.ioctl(file, termios.FIONREAD, answer)
    print(f"{size} bytes, position {position}: {size - position} left, FIONREAD says {answer[0]}")
    seen.append(answer[0])
sys.exit(0 if seen == [100, -(2**31), 0, 5, -50] else "no longer so")
PYTHON
