"""The way of one command or question through the house, in files.

``python -m tests.house.way submit`` sends a script of one order, ``... way stock`` asks for one
item, and so on for any words of the command line. It prints every file of the project in which
a function is called, in the order of their first calls, and counts them. Where the way comes to
a folder that it had left before, it crosses back; the fewer crossings, the easier it is to follow.

Everything is run once before, so that what a first start loads is not counted.
"""

import json
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("ledger", "commands", "projections", "feeds", "interfaces", "stocktrail")

SHOP = (
    {"command": "register-product", "sku": "LAMP", "id": "w-1"},
    {"command": "receive-stock", "sku": "LAMP", "quantity": 3, "id": "w-2"},
    {"command": "set-backorder-policy", "sku": "LAMP", "backorders": "allow", "id": "w-3"},
)
"""What is there before: three lamps, and the shop may sell more."""

ORDER = {
    "command": "place-order", "order": "SO-1", "customer": "ANNA", "id": "w-4",
    "lines": [{"sku": "LAMP", "quantity": 5}],
}
"""The script that ``submit`` sends."""


class Way(NamedTuple):
    """The files that were passed, in the order of their first calls."""

    files: Sequence[str]

    @property
    def crossings_back(self) -> int:
        """How often the way comes to a folder that it had left before."""
        folders = [folder_of(file) for file in self.files]
        seen: set[str] = set()
        back = 0
        for before, folder in zip(["", *folders], folders, strict=False):
            if folder != before:
                back += folder in seen
            seen.add(folder)
        return back


def folder_of(file: str) -> str:
    """Return the folder at the top that a file belongs to.

    >>> folder_of("ledger/store/engine/writer.py")
    'ledger'
    """
    return file.partition("/")[0]


@contextmanager
def followed() -> Iterator[list[str]]:
    """Collect the files of the project in which functions are called, in any thread."""
    passed: dict[str, None] = {}
    known: dict[str, str | None] = {}

    def look(frame: FrameType, event: str, _: object) -> None:
        if event != "call":
            return
        code = frame.f_code
        if code.co_filename not in known:
            known[code.co_filename] = _in_the_project(code.co_filename)
        file = known[code.co_filename]
        if file is not None and code.co_name != "<module>":
            passed.setdefault(file)

    files: list[str] = []
    threading.setprofile(look)
    sys.setprofile(look)
    try:
        yield files
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
        files += passed


def _in_the_project(filename: str) -> str | None:
    if not filename.endswith(".py"):
        return None
    path = Path(filename).resolve()
    if not path.is_relative_to(ROOT):
        return None
    within = path.relative_to(ROOT)
    return within.as_posix() if within.parts[0] in FOLDERS else None


def way_of(words: Sequence[str], script: str = "") -> Way:
    """Follow one call of the command line, typed against a shop that has just opened."""
    with TemporaryDirectory() as folder:
        for number in (1, 2):
            database = ("--database", f"sqlite:///{Path(folder) / f'{number}.db'}")
            _type(["submit", "-", *database], "".join(json.dumps(row) + "\n" for row in SHOP))
            with followed() as files:
                _type([*words, *database], script)
    return Way(files)


def _type(words: Sequence[str], script: str) -> None:
    from stocktrail.interfaces.cli import main

    stdin, sys.stdin = sys.stdin, TextIOWrapper(BytesIO(script.encode()), "utf-8")
    out = TextIOWrapper(BytesIO(), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(TextIOWrapper(BytesIO(), "utf-8")):
            status = main(words)
    finally:
        sys.stdin = stdin
    if status:
        raise SystemExit(f"{' '.join(words)} ended with {status}")


def report(words: Sequence[str]) -> str:
    """Write the files of a way, a line each, and their numbers."""
    typed = list(words) or ["submit"]
    if typed == ["submit"]:
        way = way_of(["submit", "-"], json.dumps(ORDER) + "\n")
    elif typed == ["stock"]:
        way = way_of(["stock", "LAMP"])
    else:
        way = way_of(typed)
    total = f"{len(way.files)} files, {way.crossings_back} crossings back"
    return "\n".join([*way.files, "", total])


if __name__ == "__main__":
    print(report(sys.argv[1:]))
