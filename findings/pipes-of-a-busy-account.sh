#!/bin/bash
# How large a new pipe is for an account that has many.
# One would expect: 65 536 bytes, as pipe(7) says, or an error when a limit is reached.
# What happens: after 16 384 pages of pipes (1024 of them, over all processes of the account; /proc/sys/fs/pipe-user-pages-soft)
# each further pipe has two pages, silently; pipes opened before keep their size. So the throughput of a program depends on
# what else its account runs. An account with CAP_SYS_RESOURCE or CAP_SYS_ADMIN is exempt: the script leaves root first.
set -eu
ulimit -n "$(ulimit -H -n)"
python3 - <<'PYTHON'
import fcntl, itertools, os, platform, resource, sys
print("Linux", platform.release(), "- Python", platform.python_version())
soft = int(open("/proc/sys/fs/pipe-user-pages-soft").read())
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
if os.getuid() == 0:
    os.setresuid(48611, 48611, 48611)  # an account that nothing else runs as
ends, sizes = [], []
while len(sizes) < 1200:
    ends.append(os.pipe())
    sizes.append(fcntl.fcntl(ends[-1][1], fcntl.F_GETPIPE_SZ))
runs = [(size, len(list(group))) for size, group in itertools.groupby(sizes)]
print("pipe-user-pages-soft:", soft)
print("expected: 1200 pipes of 65536 bytes")
print("size and number of pipes, in the order they were opened:", runs)
is_so = soft == 16384 and len(runs) == 2 and runs[0][0] == 65536 and runs[0][1] <= 1024 and runs[1][0] == 8192
sys.exit(0 if is_so else "no longer so")
PYTHON
