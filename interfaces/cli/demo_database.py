"""The database of a demo: always a new one, and gone again when the demo fails."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from stocktrail.interfaces.cli.failures import WENT_WRONG, Failure

FIRST_NAME = "stocktrail-demo.db"
"""What it is called in a folder where nothing is called so yet."""

_BESIDE = ("-wal", "-shm", "-journal")
_ASKED_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def demo_database(named: str | None) -> Iterator[str]:
    """Make a database under a name that nothing has, and give its URL.

    Whatever ends the demo early, an interrupt or SIGTERM included, takes the database away again,
    with what SQLite keeps beside it. A file that was there before is never opened. Raises a
    :class:`Failure` when the named database exists.
    """
    url, made = (named, _make(_path(named))) if named else _first_free()
    if made is False:
        raise Failure(
            WENT_WRONG, "already_exists",
            f"{_path(url)} is there already, and the demo writes only to a database of its own. "
            "Name another one, or none.",
        )
    try:
        with _ended_in_order():
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
    """Make an empty file that is its owner's alone; ``False`` when the name is taken.

    ``None`` when no file can be made here: whoever opens the database says why.
    """
    if any(os.path.lexists(f"{path}{beside}") for beside in _BESIDE):
        return False
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        return False
    except OSError:
        return None
    return True


def _remove(path: Path) -> None:
    for name in (path, *(Path(f"{path}{beside}") for beside in _BESIDE)):
        with suppress(OSError):
            name.unlink()


@contextmanager
def _ended_in_order() -> Iterator[None]:
    """Let whoever asks the process to end wait until it has cleared up after itself.

    It ends with 128 and the number of the signal, whatever the signal interrupted. Python raises
    in the middle of anything, imports included: a class that was being made turns what was raised
    into an error of its own, and a ``KeyboardInterrupt`` that leaves an ``exec`` ends the process
    by the signal although it was caught.
    """
    received: list[int] = []

    def end(number: int, _: FrameType | None) -> None:
        received.append(number)
        raise SystemExit(128 + number)

    try:
        before = {each: signal.signal(each, end) for each in _ASKED_TO_END}
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
