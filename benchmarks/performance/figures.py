"""What is measured: units of work of one kind each, on a copy of a small shop.

A figure is prepared once, and then does its units as often as it is asked. What it does must take
the same every time: whatever is made once, at the first use, is made before anything is counted.
"""

import json
import shutil
import sqlite3
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.fast_paths.deciding import MANY, ShopInMemory, orders_of_the_workload
from benchmarks.workload import fill, order_rows, script, setup
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.feeds.event_log import EventLog
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.merkle.leaves import command_leaves
from stocktrail.ledger.store.merkle.tree import CompactRange
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.verify import verify

ITEMS, ORDERS = 300, 400
SHOP = "shop.db"
FOLLOWED = 2 * ITEMS + 1
"""Up to where the read models of the shop have followed: before the first order."""

MOST_PASSES = 16
"""How often the units of a figure can be done in one process."""

Work = Callable[[], Any]


class Figure(NamedTuple):
    """So many ``units`` of work, each of which is called ``unit``."""

    name: str
    unit: str
    units: int
    prepare: Callable[[Path], Work]


def write_shop(folder: Path) -> None:
    """Write the shop that every figure gets a copy of."""
    with open_ledger(_url(folder)) as ledger:
        fill(ledger, setup(ITEMS))
        ReadModels(ledger).catch_up()
        fill(ledger, _orders("SO"))


def _url(folder: Path, name: str = SHOP) -> str:
    return f"sqlite:///{folder / name}"


def _orders(name: str) -> BytesIO:
    return script(order_rows(ORDERS, hot=False, name=name, items=ITEMS))


def _bare_rows(folder: Path) -> Work:
    """Insert what the orders left behind as event rows: with an index by stream, and nothing else.

    They are inserted in one transaction, which is rolled back.
    """
    with open_ledger(_url(folder)) as ledger:
        rows = [
            (row.originator_id, row.originator_version, row.topic, row.state, row.occurred_at,
             row.recorded_at, row.command_id, sha256(row.state).digest())
            for row in ledger.log_recorder.rows(FOLLOWED, 1 << 40)
        ]
    connection = sqlite3.connect(folder / "bare.db", isolation_level=None)
    connection.execute(
        "CREATE TABLE bare (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, version bigint, "
        "topic TEXT, state BLOB, occurred_at bigint, recorded_at bigint, command_id TEXT, "
        "leaf BLOB)"
    )
    connection.execute("CREATE UNIQUE INDEX by_stream ON bare (stream, version)")

    def insert() -> None:
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO bare VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        connection.execute("ROLLBACK")

    return insert


def _submitted(folder: Path) -> Work:
    ledger = open_ledger(_url(folder))
    scripts = iter([_orders(f"N{number}") for number in range(MOST_PASSES)])
    return lambda: fill(ledger, next(scripts))


def _sent_again(folder: Path) -> Work:
    ledger, lines = open_ledger(_url(folder)), _orders("SO").getvalue()
    return lambda: fill(ledger, BytesIO(lines))


def _read(folder: Path) -> Work:
    lines = _orders("SO").getvalue()
    return lambda: [row for rows in read_json_lines(BytesIO(lines)) for row in rows]


def _decided(folder: Path) -> Work:
    shop, orders = ShopInMemory(MANY), orders_of_the_workload(ORDERS)
    return lambda: shop.take(orders)


def _sealed(folder: Path) -> Work:
    with open_ledger(_url(folder)) as ledger:
        rows = ledger.log_recorder.command_rows(FOLLOWED + 1, ledger.head().position)
    return lambda: CompactRange().extend(command_leaves(rows))


def _followed(folder: Path) -> Work:
    """Follow the log from where the read models of the shop are, on a copy each time."""
    number = count()

    def follow() -> None:
        name = f"followed-{next(number)}.db"
        shutil.copyfile(folder / SHOP, folder / name)
        with open_ledger(_url(folder, name)) as ledger:
            ReadModels(ledger).catch_up()

    return follow


def _caught_up(folder: Path) -> tuple[Ledger, ReadModels]:
    ledger = open_ledger(_url(folder))
    models = ReadModels(ledger)
    models.catch_up()
    return ledger, models


def _rebuilt(folder: Path) -> Work:
    _, models = _caught_up(folder)
    return models.rebuild


def _verified(folder: Path) -> Work:
    _, models = _caught_up(folder)

    def check() -> None:
        if not verify(models).ok:
            raise SystemExit("The log that was just written is not as it must be.")

    return check


def _paged(folder: Path) -> Work:
    log = EventLog(open_ledger(_url(folder)))
    return lambda: log.page(FOLLOWED, EVENTS)


def _asked(folder: Path) -> Work:
    _, models = _caught_up(folder)
    return lambda: [json.dumps(stock(models, f"I{item}")) for item in range(ITEMS)]


EVENTS = 4 * ORDERS
"""Events that the orders of the shop left behind: one of the order and one of each line."""

BARE_ROW = Figure("a bare row", "row", EVENTS, _bare_rows)
"""What every other figure is measured against."""

FIGURES = (
    Figure("order submitted", "order of 3 lines", ORDERS, _submitted),
    Figure("order sent again", "order of 3 lines", ORDERS, _sent_again),
    Figure("line read", "order of 3 lines", ORDERS, _read),
    Figure("order decided", "order of 3 lines", ORDERS, _decided),
    Figure("row sealed", "row of the log", ORDERS, _sealed),
    Figure("event followed", "event", EVENTS, _followed),
    Figure("event rebuilt", "event", EVENTS + FOLLOWED, _rebuilt),
    Figure("event verified", "event", EVENTS + FOLLOWED, _verified),
    Figure("event on a page", "event", EVENTS, _paged),
    Figure("question answered", "stock of an item", ITEMS, _asked),
)
