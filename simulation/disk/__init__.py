"""A disk that forgets what was not synced, and SQLite on it.

The very library that Python's ``sqlite3`` uses reads and writes here, through a file system of its
own (a "VFS"); so the ledger runs unchanged, and a power cut, a full disk or a failed sync costs
microseconds and follows from a seed.

What it takes from a real kernel and disk: what is written is seen by everybody at once and survives
the death of a process; a power cut leaves synced content, and of everything else any part, in any
order, torn at sectors, names of files included; a sync makes a file and its name durable, and what
was written after it does not count; a sync that fails leaves clean pages that are not on the disk,
and is told once to everybody who has the file open by then; a full disk takes the beginning of a
write; a dead process holds no lock, and what it does to shared memory nobody sees. What it leaves
out: bits that turn over (trial R6), sectors that are written half, and pages that the kernel drops
from its memory after a failed sync.
"""
