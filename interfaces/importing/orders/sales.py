"""Sales orders of a file: each that is still open becomes one ``place-order`` of what is open."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

from stocktrail.commands.customers import RegisterCustomer
from stocktrail.commands.orders.place import PlaceOrder
from stocktrail.interfaces.importing.cell_values import (
    moment_in_zone,
    price_of,
    whole_number,
)
from stocktrail.interfaces.importing.dates import DateOrder
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.known import Known
from stocktrail.interfaces.importing.orders.customers import buyer_of
from stocktrail.interfaces.importing.orders.documents import FiledOrder, gathered
from stocktrail.interfaces.importing.orders.formats import OrderFormat
from stocktrail.interfaces.importing.orders.lines import LineToCome, OrderLineReading
from stocktrail.interfaces.importing.orders.statuses import Statuses
from stocktrail.interfaces.importing.records import Record
from stocktrail.ledger.quantity import to_text

_OF_THE_ORDER = ("customer", "currency", "pool", "priority", "ship_policy")
_ON_EVERY_ROW = ("customer", "placed", "status", "currency")


class OpenOrder(NamedTuple):
    """A sales order of which something is to come, as the ledger is to have it."""

    document: FiledOrder
    lines: Sequence[LineToCome]
    command: PlaceOrder
    registration: RegisterCustomer | None

    @property
    def place_in_queue(self) -> tuple[int, date, float, int]:
        """Where it stands: by its priority, when it is wanted, when it was placed, and its row."""
        placed = self.command.occurred_at
        ordered = date.max if placed is None else placed.date()
        wanted = min(line.day or ordered for line in self.lines)
        moment = float("inf") if placed is None else placed.timestamp()
        return self.command.priority, wanted, moment, self.document.row


class SalesOfFile(NamedTuple):
    """The sales orders of a file: those that are open, and of the closed ones why, by id."""

    open: list[OpenOrder]
    closed: dict[str, str]


class SalesReading:
    """Reads sales orders as one system writes them; what is wrong with rows becomes findings."""

    def __init__(
        self, form: OrderFormat, statuses: Statuses, dates: DateOrder | None, known: Known,
        findings: Findings,
    ) -> None:
        self._form = form
        self._statuses = statuses
        self._dates = dates
        self._known = known
        self._findings = findings
        self._zone = known.settings().time_zone
        self._reading = OrderLineReading(
            known, findings, statuses, lambda record: form.remaining(record, statuses),
            self._wanted_on,
        )

    def orders(self, records: Iterable[Record]) -> SalesOfFile:
        """Return the orders; the open ones as they wait in queues, not as the file lists them.

        Shopify lists the newest first: placed in that order, it would be given what is free.
        """
        documents = gathered(records, "order", self._known, self._findings)
        found = SalesOfFile([], {})
        for document in documents:
            with self._findings.of(document.row):
                self._read(document, found)
        found.open.sort(key=lambda order: order.place_in_queue)
        return found

    def _read(self, document: FiledOrder, found: SalesOfFile) -> None:
        reason = self._form.closed_because(document, self._statuses)
        if reason is not None:
            found.closed[document.key] = reason.lower()
            return
        document.require_one_of_each(_OF_THE_ORDER)
        lines = self._reading.open_lines(document, self._form.items(document), found.closed)
        if lines:
            found.open.append(self._open_order(document, lines))

    def _wanted_on(self, document: FiledOrder, item: Record) -> date | None:
        """Return when a line is wanted: as it says, or as the first row says of the whole order.

        It speaks for the whole where further rows say nothing of the order, as Shopify's.
        """
        day = item.day("requested_date", self._dates)
        if day is None and not any(map(item.text, _ON_EVERY_ROW)):
            return document.records[0].day("requested_date", self._dates)
        return day

    def _open_order(self, document: FiledOrder, lines: Sequence[LineToCome]) -> OpenOrder:
        first, buyer = document.records[0], buyer_of(document)
        body: dict[str, Any] = {
            "order": document.key, "customer": buyer.customer,
            "lines": [self._line(line) for line in lines],
            "occurred_at": moment_in_zone(first, "placed", self._dates, self._zone),
        }
        for field in ("pool", "ship_policy"):
            if document.text(field):
                body[field] = document.text(field)
        if document.text("currency"):
            body["currency"] = document.text("currency").upper()
        priority = whole_number(first, "priority")
        if priority is not None:
            body["priority"] = priority
        order = OpenOrder(document, lines, PlaceOrder.model_validate(body), buyer.registration())
        for doubt in self._form.doubts(document):
            self._findings.note(document.row, "in_doubt", doubt)
        return order

    def _line(self, line: LineToCome) -> dict[str, Any]:
        price, was_rounded = price_of(line.record, "unit_price")
        if was_rounded:
            self._findings.note(
                line.record.row, "price_rounded",
                "has a price with more than 4 places, which is rounded.",
            )
        return {
            "line": line.line, "sku": line.sku, "quantity": to_text(line.quantity),
            "unit_price": price, "requested_date": line.day,
        }
