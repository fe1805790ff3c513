"""Logs that are sealed as they should be, however odd their rows are.

Bytes that are changed at random fail at the first hash. What a hostile exporter could write is
found by making rows first, and hashing them afterwards.
"""

from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from itertools import count
from json import dumps
from struct import error as struct_error
from typing import Any

from fuzzing.choices import Choices
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store.command_row import CommandRow
from stocktrail.ledger.store.in_memory import open_in_memory
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.ledger.store.portable.exporting import export_log
from stocktrail.ledger.store.portable.lines import Header, read_row, row_line

SHOP: tuple[dict[str, Any], ...] = (
    {"command": "register-product", "sku": "A", "name": "Ångström", "id": "c-1"},
    {"command": "receive-stock", "sku": "A", "quantity": "2.5", "id": "c-2"},
    {"command": "receive-stock", "sku": "A", "quantity": 5, "id": "c-3", "actor": "ann"},
    {"command": "place-order", "order": "SO-1", "customer": "C", "id": "c-4", "group": "g",
     "lines": [{"sku": "A", "quantity": 3}]},
    {"command": "place-order", "order": "SO-2", "customer": "C", "id": "c-5", "group": "g",
     "lines": [{"sku": "A", "quantity": 2}]},
)
"""What a small shop was sent; one of it is refused."""

_NUMBERS = (0, 1, 2, 3, -1, 7, 1_000, 2**31, 2**53 + 1, 2**62, 2**63 - 1, -(2**63))
_TEXTS = (None, "", "c-1", "c-2", "é", "e\u0301", "\0", "\u2028", "x" * 300, "c-1#r:1")
_EVENT = b'[{"stream":"stock/A","version":1,"type":"StockReceived.v1","data":%b}]'
_PAYLOADS = (
    b"{}", b"[]", b"null", b"", b"{", b'{"part_of":"c-1"}', b'{"a":\n1}', b'{"a":"\\u0000"}',
    b"\xff", b'{"a":"\xff"}', b"1e400", b"[" * 600 + b"]" * 600,
    b"[" * 4000 + b"]" * 4000, b'"\\ud800"', _EVENT % b"{}",
    _EVENT % b'{"quantity":\r5}', _EVENT % b'"\\ud800"', _EVENT % b"{\n\n}",
    _EVENT.replace(b"Received", b"Lost") % b"{}", _EVENT.replace(b'1,"t', b'-7,"t') % b"{}",
    _EVENT.replace(b'"version":1', b'"version":9223372036854775808') % b"{}",
    _EVENT.replace(b'"stream":"stock/A"', b'"stream":"\\u0000"') % b"{}",
    _EVENT.replace(b'"data"', b'"recorded_at":1e3,"data"') % b"{}",
    _EVENT.replace(b'"data"', b'"base64":"!","data"') % b"{}",
)
_ODD: dict[str, Sequence[Any]] = {
    "fingerprint": (b"", b"f" * 16, b"\0" * 300), "body": _PAYLOADS, "result": _PAYLOADS,
    "events": _PAYLOADS,
    "status": ("accepted", "rejected", "group_failed", "part", "saved", "sealed", "lost"),
    **dict.fromkeys(
        ("command_id", "correlation_id", "causation_id", "actor", "credential"), _TEXTS
    ),
}
_FIELDS = CommandRow._fields


def clock() -> Callable[[], int]:
    """Return a clock that goes on by a second whenever it is read."""
    return (second * 1_000_000 for second in count(1_700_000_000)).__next__


@cache
def shop_export() -> bytes:
    """Return the exported log of the small shop."""
    with open_in_memory(clock=clock()) as ledger:
        script = b"".join(dumps(row).encode() + b"\n" for row in SHOP)
        for _ in submit(ledger, read_json_lines(BytesIO(script))):
            pass
        output = BytesIO()
        export_log(ledger, output)
    return output.getvalue()


@cache
def shop_rows() -> tuple[CommandRow, ...]:
    """Return the rows of the small shop."""
    return tuple(map(read_row, shop_export().splitlines()[1:]))


def odd_rows(choices: Choices) -> list[CommandRow]:
    """Return the rows of the shop with as many odd values as the choices make."""
    rows = list(shop_rows())
    for _ in range(choices.number(4) + 1):
        at, field = choices.number(len(rows) - 1), choices.one_of(_FIELDS)
        if choices.number(9) == 9:
            del rows[at:]
            break
        rows[at] = rows[at]._replace(**{field: choices.one_of(_ODD.get(field, _NUMBERS))})
    return rows


def sealed_export(rows: Sequence[CommandRow]) -> bytes:
    """Return an export of rows with the right hashes, as far as they can be hashed and written."""
    lines, leaves = [], []
    for row in rows:
        try:
            [leaf] = command_leaves([row])
            lines.append(row_line(row, leaf))
        except (struct_error, OverflowError, TypeError):
            break
        leaves.append(leaf)
    header = Header(
        rows=len(lines), events=len(lines), commands=len(lines),
        root=CompactRange().extend(leaves)[0].root.hex(), customer_keys=0,
    )
    return header.as_line() + b"".join(lines)
