"""A subscriber in a process of its own, made to be killed.

It writes down every event it hears, in the order in which it hears them, and its position in the
same transaction. Run as ``python -m tests.feeds.subscriber URL FILE batches|stream``; hearing an
event twice after its own checkpoint is an error that ends it.
"""

import sqlite3
import sys

from feeds.client import Subscription

TABLES = """
CREATE TABLE IF NOT EXISTS heard (
    number INTEGER PRIMARY KEY AUTOINCREMENT, position INTEGER UNIQUE, id TEXT, subject TEXT
);
CREATE TABLE IF NOT EXISTS checkpoint (id INTEGER PRIMARY KEY CHECK (id = 1), position INTEGER);
INSERT OR IGNORE INTO checkpoint VALUES (1, 0);
"""


def main(url: str, file: str, how: str) -> None:
    """Follow the log until killed."""
    own = sqlite3.connect(file, timeout=30)
    own.executescript(TABLES)
    (position,) = own.execute("SELECT position FROM checkpoint").fetchone()
    with Subscription(url, after=position, limit=50, wait_seconds=5) as subscription:
        for batch in subscription.stream() if how == "stream" else subscription.batches():
            with own:
                own.executemany(
                    "INSERT INTO heard (position, id, subject) VALUES (?, ?, ?)",
                    [(int(each["sequence"]), each["id"], each["subject"]) for each in batch.events],
                )
                own.execute("UPDATE checkpoint SET position = ?", (batch.position,))


if __name__ == "__main__":
    main(*sys.argv[1:])
