"""The database of a demo: always a new one, which is removed when the demo fails."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure

FIRST_NAME = "stocktrail-demo.db"
"""Its name in a folder in which the name is free."""

_COMPANIONS = ("-wal", "-shm", "-journal")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def demo_database(named: str | None) -> Iterator[str]:
    """Create a database under a free name, and yield its URL.

    When the demo ends early, by an interrupt or SIGTERM too, the database is removed with the other
    files of SQLite. An existing file is never opened. Raises a :class:`Failure` when the named
    database exists.
    """
    url, made = (named, _make(_path(named))) if named else _first_free()
    if made is False:
        raise Failure(
            WENT_WRONG, "already_exists",
            f"{_path(url)} is there already, and the demo writes only to a database of its own. "
            "Name another one, or none.",
        )
    try:
        with _cleaning_up_on_signals():
            yield url
    except BaseException:
        if made:
            _remove(_path(url))
        raise


def _path(url: str) -> Path:
    from stocktrail.ledger.store.address import sqlite_path

    return sqlite_path(url)


def _first_free() -> tuple[str, bool | None]:
    number = 1
    while True:
        name = FIRST_NAME if number == 1 else f"stocktrail-demo-{number}.db"
        made = _make(Path(name).absolute())
        if made is not False:
            return f"sqlite:///{name}", made
        number += 1


def _make(path: Path) -> bool | None:
    """Create an empty file that only its owner may read; ``False`` when the name is taken.

    ``None`` when no file can be created: opening the database raises the error.
    """
    if any(os.path.lexists(f"{path}{beside}") for beside in _COMPANIONS):
        return False
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    except OSError:
        return None
    return True


def _remove(path: Path) -> None:
    for name in (path, *(Path(f"{path}{beside}") for beside in _COMPANIONS)):
        with suppress(OSError):
            name.unlink()


@contextmanager
def _cleaning_up_on_signals() -> Iterator[None]:
    """Clean up on a signal, and exit with 128 plus its number, whatever it interrupted.

    Python raises in the middle of anything, imports included: an exception in the body of a class
    becomes another error, and a ``KeyboardInterrupt`` that leaves an ``exec`` kills the process by
    the signal although it was caught.
    """
    received: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        received.append(number)
        raise SystemExit(128 + number)

    try:
        before = {each: signal.signal(each, end) for each in _SIGNALS}
    except ValueError:                # in a thread that gets no signals
        before = {}
    try:
        yield
    except BaseException:
        if received:
            raise SystemExit(128 + received[0]) from None
        raise
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
