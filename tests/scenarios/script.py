"""Scripts of commands as a program would send them."""

import json
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

NORTHWIND = Path(__file__).with_name("northwind.jsonl")
NORTHWIND_PURCHASES = Path(__file__).with_name("northwind-purchases.jsonl")
NORTHWIND_EXPECTED = Path(__file__).with_name("northwind-expected.json")


def script_of(commands: Iterable[dict[str, Any]]) -> BytesIO:
    """Write commands as JSON Lines."""
    return BytesIO(b"".join(json.dumps(command).encode() + b"\n" for command in commands))
