"""Words for scenes: given these commands, when that one is submitted, then this became of it."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from io import BytesIO
from os import W_OK, access
from typing import Any, NamedTuple, cast
from uuid import uuid4

import orjson

from stocktrail.commands.scripts.reading import Row, read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import Mode, submit
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger

Command = dict[str, Any]

NOON = 1_772_366_400_000_000
"""2026-03-01 at noon, for clocks that stand still."""

MEMORY = next((each for each in ("/dev/shm",) if access(each, W_OK)), None)
"""Where thousands of small commits do not wait for the disk, if there is such a folder."""


def still() -> int:
    """Tell always the same time; the ledger makes recorded times strictly increasing itself."""
    return NOON


def script(*commands: Command) -> bytes:
    """Write commands as JSON Lines."""
    return b"".join(orjson.dumps(command, default=str) + b"\n" for command in commands)


def read(text: bytes, *, run: str | None = None) -> list[Row]:
    """Read a whole script."""
    return [row for rows in read_json_lines(BytesIO(text), run=run) for row in rows]


def send(
    ledger: Ledger, *commands: Command, mode: Mode = "continue", dry_run: bool = False
) -> list[Result]:
    """Submit commands as the lines of one script."""
    return send_text(ledger, script(*commands), mode=mode, dry_run=dry_run)


def send_text(
    ledger: Ledger, text: bytes, *, mode: Mode = "continue", dry_run: bool = False,
    run: str | None = None,
) -> list[Result]:
    """Submit a script as it is written."""
    rows = read_json_lines(BytesIO(text), run=run)
    return list(submit(ledger, rows, mode=mode, dry_run=dry_run))


def given(ledger: Ledger, *commands: Command) -> None:
    """Set the scene: every command must be accepted. Those without an id get a new one."""
    results = send(ledger, *({"id": uuid4().hex, **command} for command in commands))
    refused = [result.as_json() for result in results if result.status != "accepted"]
    assert refused == []


def when(ledger: Ledger, **command: Any) -> Result:
    """Submit one command, whose name is given as ``command``; without an id it gets a new one."""
    (result,) = send(ledger, {"id": uuid4().hex, **command})
    return result


def statuses(results: Iterable[Result]) -> list[str]:
    """Return what became of each command."""
    return [result.status for result in results]


def types(result: Result) -> list[str]:
    """Return the events of a result."""
    return [event["type"] for event in result.events]


def in_chunks(rows: list[Row], sizes: Iterable[int]) -> Iterator[list[Row]]:
    """Cut rows into lists of these sizes, over and over."""
    rest = iter(sizes)
    while rows:
        size = next(rest)
        yield rows[:size]
        rows = rows[size:]


class Levels(NamedTuple):
    """How an item stands in a pool, in units."""

    supply: Any
    demand: Any
    allocated: Any
    backordered: Any
    salable: Any


def item(ledger: Ledger, sku: str) -> ProductStock:
    """Fold an item from the log."""
    return cast(ProductStock, ledger.aggregate(f"stock/{sku}"))


def levels(
    ledger: Ledger, sku: str, pool: str = "default", until: int | None = None
) -> Levels:
    """Fold an item and the settings from the log, and give its levels in a pool."""
    stock = cast(ProductStock, ledger.aggregate(f"stock/{sku}", until))
    settings = cast(Settings, ledger.aggregate("settings/ledger", until))
    verdict = stock.verdict(settings, pool)
    figures, salable = verdict.figures, verdict.salable_quantity
    return Levels(*map(to_number, (
        figures.supply, figures.demand, figures.allocated, figures.backordered, salable,
    )))


def on_hand(ledger: Ledger, sku: str) -> dict[str, Any]:
    """Return the units of an item at every source that carries it."""
    return {source: to_number(units) for source, units in item(ledger, sku).on_hand.items()}


def waiting(ledger: Ledger, sku: str) -> dict[tuple[str, int], tuple[Any, Any]]:
    """Return what each open line of an item has and lacks: allocated, backordered."""
    return {
        key: (to_number(line.allocated), to_number(line.backordered))
        for key, line in item(ledger, sku).lines.items()
    }


def product(sku: str = "A", **more: Any) -> Command:
    """Register an item."""
    return {"command": "register-product", "sku": sku, **more}


def receive(quantity: Any, sku: str = "A", **more: Any) -> Command:
    """Put units on hand."""
    return {"command": "receive-stock", "sku": sku, "quantity": quantity, **more}


def backorders(policy: str = "allow", **more: Any) -> Command:
    """Allow backorders, or not."""
    return {"command": "set-backorder-policy", "backorders": policy, **more}


def order(name: str, *quantities: Any, sku: str = "A", **more: Any) -> Command:
    """Place an order with one line for every quantity; a dictionary is a line of its own."""
    lines = [
        line if isinstance(line, dict) else {"sku": sku, "quantity": line} for line in quantities
    ]
    return {"command": "place-order", "order": name, "customer": "Ada", "lines": lines, **more}


def ship(name: str, shipment: str, **more: Any) -> Command:
    """Ship an order."""
    return {"command": "ship-order", "order": name, "shipment": shipment, **more}


def source(name: str) -> Command:
    """Register a source."""
    return {"command": "register-source", "source": name}


def pool(name: str, *sources: str) -> Command:
    """Define a pool."""
    return {"command": "define-pool", "pool": name, "sources": list(sources)}


def units(text: str) -> Decimal:
    """Write a quantity exactly."""
    return Decimal(text)
