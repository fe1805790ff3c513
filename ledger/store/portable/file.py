"""A file that appears whole, or not at all, and that only its owner may read."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.refusal import Refusal


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give the name of a file beside ``path`` to write; at the end of the block it is moved there.

    After an error it is gone. Refuses a ``path`` that is there already (``file_exists``).
    """
    refuse_existing(path)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    os.close(os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield beside
        with beside.open("rb") as written:
            os.fsync(written.fileno())
        refuse_existing(path)
        beside.rename(path)
    finally:
        beside.unlink(missing_ok=True)


def refuse_existing(path: Path) -> None:
    """Refuse to write over a file (``file_exists``)."""
    if path.exists():
        raise Refusal("file_exists", f"{path} is there already; name a file that is not.")
