#!/bin/sh
# What inotify reports of a file that is emptied, replaced, or has no name.
# One would expect: MODIFY means that content changed; a file whose name went to another file is told as DELETE_SELF at once;
# a directory's watch reports files that are in the directory.
# What happens: ftruncate(2) of an empty file to length 0 is a MODIFY, each time, while a write of 0 bytes is none. A file that
# was replaced by rename(2) while a program has it open is told as ATTRIB alone; DELETE_SELF comes when the last one closes it,
# which may be never. Writes to a file of O_TMPFILE, which has no name, are told to the watch of its directory, as "#" and its
# inode number; writes through a name that is deleted, though another name is left, bear the deleted one.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 - "$dir" <<'PYTHON'
import ctypes, os, platform, select, struct, sys
libc = ctypes.CDLL(None)
print("Linux", platform.release(), "- Python", platform.python_version())
NAMES = {2: "MODIFY", 4: "ATTRIB", 0x200: "DELETE", 0x400: "DELETE_SELF"}
os.chdir(sys.argv[1])

def watch(path):
    fd = libc.inotify_init1(os.O_NONBLOCK)
    libc.inotify_add_watch(fd, path.encode(), sum(NAMES))
    return fd

def told(fd):
    events, poll = [], select.poll()
    poll.register(fd, select.POLLIN)
    while poll.poll(200):
        data, at = os.read(fd, 4096), 0
        while at < len(data):
            _, mask, _, size = struct.unpack_from("iIII", data, at)
            name = data[at + 16:at + 16 + size].rstrip(b"\0").decode()
            events += [f"{word} {name}".strip() for bit, word in NAMES.items() if mask & bit]
            at += 16 + size
    return events

seen = {}
log = os.open("log", os.O_WRONLY | os.O_CREAT)
events = watch("log")
os.write(log, b""); seen["write of 0 bytes"] = told(events)
os.ftruncate(log, 0); seen["ftruncate of an empty file to 0"] = told(events)
open("new", "w").close(); os.rename("new", "log"); seen["replaced while it is open"] = told(events)
os.close(log); seen["closed then"] = told(events)
events = watch(".")
nameless = os.open(".", os.O_TMPFILE | os.O_WRONLY)
os.write(nameless, b"x"); seen["write to a file without name"] = [e.rstrip("0123456789") for e in told(events)]
os.link("log", "second"); second = os.open("second", os.O_WRONLY); os.unlink("second"); told(events)
os.write(second, b"x"); seen["write through a deleted name"] = told(events)
for what, answer in seen.items(): print(f"{what}: {answer}")
expected = [[], ["MODIFY"], ["ATTRIB"], ["DELETE_SELF"], ["MODIFY #"], ["MODIFY second"]]
sys.exit(0 if list(seen.values()) == expected else "no longer so")
PYTHON
