"""A disk that forgets what was not synced, and SQLite on it.

The very library that Python's ``sqlite3`` uses reads and writes here, through a file system of its
own (a "VFS"); so the ledger runs unchanged, and a power cut, a full disk or a failed sync costs
microseconds and follows from a seed.
"""
