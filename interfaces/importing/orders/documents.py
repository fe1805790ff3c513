"""Documents: the rows of a file that belong to one order, which may stand on several of them.

What is said of the order as a whole may stand on its first row alone (Shopify) or on each.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from stocktrail.interfaces.importing.findings import BadCell, Findings
from stocktrail.interfaces.importing.known import Known
from stocktrail.interfaces.importing.orders.statuses import Statuses
from stocktrail.interfaces.importing.records import Record
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.quantity import shortened
from stocktrail.ledger.stock.state import ProductStock


class FiledOrder(NamedTuple):
    """An order or a purchase order as a file has it: its id, and its rows."""

    key: str
    records: Sequence[Record]

    @property
    def row(self) -> int:
        """Where it begins."""
        return self.records[0].row

    def text(self, field: str) -> str:
        """Return what is said of the whole: the first text in its rows, empty where none is."""
        return next(filter(None, (record.text(field) for record in self.records)), "")

    def closed_by(self, statuses: Statuses) -> str | None:
        """Return the status of a document of which nothing is to come, ``None`` for an open one.

        Where rows have several, they are those of lines, and one open line keeps it open.
        """
        said = [text for text in (record.text("status") for record in self.records) if text]
        return None if not said or any(map(statuses.is_open, said)) else said[0]

    def require_one_of_each(self, fields: Iterable[str]) -> None:
        """Refuse a document whose rows say two things of the whole.

        Raises :class:`~stocktrail.interfaces.importing.findings.BadCell` (``contradiction``).
        """
        for field in fields:
            said = self.text(field)
            for record in self.records:
                other = record.text(field)
                if other and other.casefold() != said.casefold():
                    raise BadCell(
                        "contradiction",
                        f"{self.key} has one {field.replace('_', ' ')}, and its rows name two: "
                        f"{shortened(said)} and, in row {record.row:,}, {shortened(other)}.",
                    )


def _named_items(documents: Iterable[FiledOrder]) -> set[str]:
    """Return the items that documents name, as far as that can be read: others are asked for."""
    found: set[str] = set()
    for document in documents:
        with suppress(BadCell):
            found.update(record.text("sku") for record in document.records)
    return found


def gathered(
    records: Iterable[Record], field: Literal["order", "purchase_order"], known: Known,
    findings: Findings,
) -> list[FiledOrder]:
    """Return the documents of a file in its order; ``field`` holds the id of each.

    What the ledger has of these orders and of their items is read here, all at once.

    A row without an id is wrong where it names an item: nobody guesses whose it is. One without
    either, such as a total at the end, is left out and said.
    """
    found: dict[str, list[Record]] = {}
    noun = field.replace("_", " ")
    for record in records:
        with findings.of(record.row):
            key = record.text(field)
            if key:
                found.setdefault(key, []).append(record)
            elif record.text("sku"):
                raise BadCell(
                    f"no_{field}",
                    f"names an item, and no {noun}: write its id on each of its rows.",
                )
            else:
                findings.note(record.row, f"no_{field}", f"names no {noun}, and is left out.")
    documents = [FiledOrder(key, rows) for key, rows in found.items()]
    known.load(Order if field == "order" else PurchaseOrder, found)
    known.load(ProductStock, _named_items(documents))
    return documents
