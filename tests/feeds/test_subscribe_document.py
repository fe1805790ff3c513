"""The program in the document about subscribing runs, twice, and knows every order once.

What the document types into a shell is run by tests/house/test_examples.py.
"""

import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from stocktrail.ledger.store import open_ledger
from tests.feeds.serving import serving_here
from tests.house.test_examples import environment
from tests.interfaces.terminal import ROOT
from tests.store.shop import order, send, stocked

DOCUMENT = (ROOT / "docs" / "how-to" / "subscribe.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:18766"


def test_the_program_in_the_document_knows_every_order_once(
    tmp_path: Path, sqlite_url: str
) -> None:
    with open_ledger(sqlite_url) as ledger:
        send(ledger, [*stocked("A"), order("SO-1", "A"), order("SO-2", "A")])
    [program] = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
    with serving_here(sqlite_url) as server:
        for _ in range(2):
            subprocess.run(
                [sys.executable, "-c", program.replace(ADDRESS, server.site)], cwd=tmp_path,
                check=True, timeout=60,
                env={**environment(), "PYTHONPATH": f"{ROOT}{os.pathsep}"},
            )
    with closing(sqlite3.connect(tmp_path / "mine.db")) as own:
        assert own.execute("SELECT name FROM placed").fetchall() == [("SO-1",), ("SO-2",)]
