"""A ledger that an older version wrote, as a file and as an export: see the README."""

import json
import lzma
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
EXTRAS = [
    json.loads(line) for line in (FOLDER / "extras.jsonl").read_text(encoding="utf-8").splitlines()
]
ANSWERS: list[dict[str, Any]] = [
    json.loads(line) for line in (FOLDER / "answers.jsonl").read_text(encoding="utf-8").splitlines()
]
END = 6_483
"""The position at which it stopped."""


def older_database() -> bytes:
    """Return the SQLite file."""
    return lzma.decompress((FOLDER / "ledger.db.xz").read_bytes())


def older_export() -> bytes:
    """Return the same ledger as it was exported, with customers' keys."""
    return lzma.decompress((FOLDER / "ledger.jsonl.xz").read_bytes())
