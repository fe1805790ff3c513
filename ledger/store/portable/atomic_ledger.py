"""A ledger that is created atomically: the target of an import."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from stocktrail.ledger.store.address import sqlite_path
from stocktrail.ledger.store.application import Ledger
from stocktrail.ledger.store.errors import StorageError
from stocktrail.ledger.store.portable.atomic_file import atomic_file
from stocktrail.ledger.store.postgres_address import is_postgres_url


@contextmanager
def atomic_ledger(url: str, open_to_write: Callable[[str], Ledger]) -> Iterator[Ledger]:
    """Open the ledger that a URL names, to be filled in the block.

    A SQLite file that does not exist is written under another name and renamed at the end, so that
    a refusal, an error or a kill leaves no empty ledger. One that exists, and one on a server, is
    opened as it is: the import into it is one transaction.
    """
    path = None if is_postgres_url(url) else sqlite_path(url)
    if path is None or path.exists() or not os.access(path.parent, os.W_OK):
        with open_to_write(url) as ledger:
            yield ledger
        return
    with atomic_file(path) as beside:
        with open_to_write(f"sqlite:///{quote(str(beside))}") as ledger:
            yield ledger
        if Path(f"{beside}-wal").exists():
            raise StorageError(
                "storage_failed",
                f"Another program has opened {beside}, which was not finished yet. Try again.",
            )
