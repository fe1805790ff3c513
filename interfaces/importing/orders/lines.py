"""Lines of orders: of which units are still to come, whose item is known, and what is left out."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from stocktrail.interfaces.importing.cell_values import whole_number
from stocktrail.interfaces.importing.findings import BadCell, Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.known import Known
from stocktrail.interfaces.importing.orders.documents import FiledOrder
from stocktrail.interfaces.importing.orders.statuses import Statuses
from stocktrail.interfaces.importing.records import Record
from stocktrail.interfaces.importing.remedies import CHOOSE_COLUMN_OF_ITEMS, LEAVE_ITS_ORDERS_OUT
from stocktrail.ledger.quantity import shortened
from stocktrail.ledger.spelling import composed

_ALL_SETTLED, NO_ITEMS = "nothing to come", "no item named"
"""Why an order is closed whose lines say so one by one, or that has no lines to say anything."""


class LineToCome(NamedTuple):
    """A line and its units that are to come, in ten-thousandths; none of a settled one."""

    record: Record
    line: int
    sku: str
    quantity: int
    day: date | None


class OrderLineReading:
    """Reads the lines of documents; what is wrong with them, or left out, becomes findings.

    ``remaining`` counts the units of a line that are to come: none where its own status is closed.
    ``day_of`` returns its day.
    """

    def __init__(
        self, known: Known, findings: Findings, statuses: Statuses,
        remaining: Callable[[Record], int], day_of: Callable[[FiledOrder, Record], date | None],
    ) -> None:
        self._known = known
        self._findings = findings
        self._statuses = statuses
        self._remaining = remaining
        self._day_of = day_of

    def open_lines(
        self, document: FiledOrder, items: Iterable[Record], closed: dict[str, str]
    ) -> list[LineToCome]:
        """Return the lines of a document of which units are to come: none where a line is wrong.

        A document without any is ``closed``, and why. Lines without a number have that of their
        place.
        """
        lines = self._lines_of(document, items)
        if lines is None:
            return []
        found = [line for line in lines if line.quantity]
        if not found:
            closed[document.key] = _ALL_SETTLED if lines else NO_ITEMS
        return found

    def _lines_of(self, document: FiledOrder, items: Iterable[Record]) -> list[LineToCome] | None:
        """Return the lines of a document, ``None`` where one is wrong: then all is left out."""
        found: list[LineToCome] = []
        is_whole = True
        for place, item in enumerate(items, start=1):
            is_read = False
            with self._findings.of(item.row):
                if self._names_an_item(item):
                    found += self._line_of(document, item, place)
                is_read = True
            is_whole = is_whole and is_read
        return found if is_whole else None

    def _line_of(self, document: FiledOrder, item: Record, place: int) -> list[LineToCome]:
        """Return the line of a row, none where its item needs no shipping and is not known."""
        sku = composed(item.text("sku"))
        remaining = self._remaining(item) if self._statuses.is_open(item.text("status")) else 0
        if remaining and self._known.item(sku) is None:
            if item.switch("needs_shipping") is False:
                self._findings.note(
                    item.row, "needs_no_shipping", "names an item that is not registered and needs "
                    "no shipping; it is left out of its order.",
                )
                return []
            raise BadCell(
                "unknown_sku", f"there is no item {shortened(sku)}. Register it (import-stock or "
                f"register-product), or {LEAVE_ITS_ORDERS_OUT.said()}.",
            )
        day = self._day_of(document, item)
        return [LineToCome(item, whole_number(item, "line") or place, sku, remaining, day)]

    def _names_an_item(self, item: Record) -> bool:
        """Return whether a row names an item; where it counts units of none, that is said."""
        if item.text("sku"):
            return True
        if item.text("quantity") or item.text("remaining"):
            self._findings.note(item.row, "no_sku", "names no SKU, and is left out of its order.")
        return False


def note_orders_without_items(
    closed: Mapping[str, str], layout: Layout, findings: Findings
) -> None:
    """Note how many orders are left out as a whole because no row of theirs names an item."""
    count = sum(reason == NO_ITEMS for reason in closed.values())
    if count:
        one = count == 1
        names = layout.heading("item_name") if layout.has("item_name") else "COLUMN"
        findings.note(
            None, "orders_without_items",
            f"{count:,} {'order is' if one else 'orders are'} left out whole: no row of "
            f"{'it names an item' if one else 'theirs names an item'} in {layout.heading('sku')}. "
            "If another column tells items apart, "
            f"{CHOOSE_COLUMN_OF_ITEMS.said(column=names)}.",
        )
