"""The order side of the read models, folded by a second process while the first one does the rest.

Where that process ends early, or a digest differs, the first one folds this side itself: its
verdict never depends on another.
"""

import sys
from collections.abc import Mapping
from typing import cast

import orjson

from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.scratch import ScratchDatabase
from stocktrail.ledger.store.tables import TableSet
from stocktrail.projections.folding.order_side import OrderProjector
from stocktrail.projections.folding.shadow_tables import create_tables, fold_into_shadow_tables
from stocktrail.projections.second_process import SecondProcess
from stocktrail.projections.verify.tables import digest_of

WORKER = "stocktrail.projections.verify.order_side"


class OrderSide:
    """The order side as it follows from the log up to a position; close it in the end."""

    def __init__(self, ledger: Ledger, stop: int) -> None:
        self._ledger = ledger
        self._stop = stop
        self._process = SecondProcess(WORKER, ledger.url, str(stop))

    def digests(self) -> Mapping[str, str]:
        """Wait for the digests of the tables by name; there are none if the process ended early."""
        return cast(Mapping[str, str], orjson.loads(self._process.read() or "{}"))

    def fold_into(self, tables: TableSet) -> None:
        """Fold the order side here, into tables in which it is empty."""
        fold_order_side(self._ledger, tables, self._stop)

    def close(self) -> None:
        """End the process."""
        self._process.close()


def fold_order_side(ledger: Ledger, tables: TableSet, stop: int) -> None:
    """Fold the log from its beginning to a position into the tables of orders."""
    projector = OrderProjector(tables)
    fold_into_shadow_tables(ledger, tables, projector, 0, stop, None)


def order_digests(url: str, stop: int) -> dict[str, str]:
    """Return the digests of the tables of orders, folded from the log up to a position."""
    tables = TableSet(ScratchDatabase())
    with tables.database.writing() as cursor:
        create_tables(tables, cursor)
    with open_ledger(url, read_only=True) as ledger:
        fold_order_side(ledger, tables, stop)
    with tables.database.reading() as cursor:
        return {
            table.name: digest_of(tables.table(table), cursor)
            for model in OrderProjector.models for table in model.tables
        }


if __name__ == "__main__":
    print(orjson.dumps(
        order_digests(sys.stdin.readline().rstrip("\n"), int(sys.stdin.readline()))
    ).decode(), flush=True)
