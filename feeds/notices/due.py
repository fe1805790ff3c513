"""The notices that follow from the log: low stock, accepted backorders, changed promises.

They are derived from the read models and from the order itself. One e-mail covers everything that
one command, or one group of commands, did to one order, or to items that run low. One that somebody
asks for (``promise``) tells what is to tell of an order when it is sent.
"""

from collections.abc import Iterator
from itertools import chain
from typing import Any, Literal, NamedTuple, cast

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.events import LinePlaced, OrderPlaced
from stocktrail.ledger.quantity import parse_quantity, to_text
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.tables import Row
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.promised import cause_of_change, uncertainty_of_change
from stocktrail.projections.models.low_stock import NOTICE
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.questions.to_tell import ToTell

Kind = Literal["low_stock", "backorder", "slip", "promise_found", "promise"]
_AT_ONCE = 1000
MOST_ROWS = 10_000


class DueNotice(NamedTuple):
    """A notice to be sent: its kind, the position of its command, the order and the customer."""

    kind: Kind
    position: int
    about: str = ""
    customer: str | None = None

    @property
    def name(self) -> str:
        """A unique name of the notice, the same whenever the log is read again."""
        return f"{self.kind}/{self.position}/{self.about}"


def notices_between(models: ReadModels, after: int, until: int) -> list[DueNotice]:
    """Return the notices that the events of a range led to, in their order."""
    found = [
        *_of_read_models(models, after, until),
        *_accepted_backorders(models.ledger, after, until),
    ]
    return sorted(dict.fromkeys(found), key=lambda notice: (notice.position, notice.name))


def _of_read_models(models: ReadModels, after: int, until: int) -> Iterator[DueNotice]:
    within = "position > :after AND position <= :until"
    with models.reading() as reading:
        low = reading.place.table(NOTICE).rows(
            reading.cursor, f"WHERE {within}", after=after, until=until
        )
        promises = reading.place.table(PROMISE_CHANGE).rows(
            reading.cursor, f"WHERE notice IS NOT NULL AND {within}", after=after, until=until
        )
    for row in low:
        yield DueNotice("low_stock", row["position"])
    for row in promises:
        yield DueNotice(row["notice"], row["position"], row["order_id"], row["customer"])


def _accepted_backorders(ledger: Ledger, after: int, until: int) -> Iterator[DueNotice]:
    while after < until:
        commands = ledger.read_commands(after, _AT_ONCE, until)
        for recorded in chain.from_iterable(commands):
            event = recorded.payload
            if isinstance(event, OrderPlaced) and _told_lines(ledger, recorded):
                yield DueNotice("backorder", recorded.position, event.order, event.customer)
        after = commands[-1][-1].position if commands else until


def content_of(models: ReadModels, notice: DueNotice) -> dict[str, Any]:
    """Return the content of a notice for a template, with quantities as people write them."""
    if notice.kind == "promise":
        return {"order": notice.about, "lines": _to_tell(models, notice)}
    if notice.kind == "backorder":
        (recorded,) = models.ledger.read(notice.position - 1, 1)
        return {"order": notice.about, "lines": _told_lines(models.ledger, recorded)}
    with models.reading() as reading:
        if notice.kind == "low_stock":
            rows = reading.place.table(NOTICE).rows(
                reading.cursor, "WHERE position = :position ORDER BY sku, pool, source",
                position=notice.position,
            )
            return {"items": list(map(_low_item, rows))}
        rows = reading.place.table(PROMISE_CHANGE).rows(
            reading.cursor,
            "WHERE notice = :kind AND position = :position AND order_id = :order_id ORDER BY line",
            kind=notice.kind, position=notice.position, order_id=notice.about,
        )
    return {"order": notice.about, "lines": list(map(_promised_line, rows))}


def _to_tell(models: ReadModels, notice: DueNotice) -> list[dict[str, Any]]:
    """Return the lines of an order of which its customer is still to be told."""
    found = ToTell(customer=notice.customer, limit=MOST_ROWS).answer(models)
    return [
        {
            "line": row["line"], "sku": row["sku"],
            "quantity": to_text(parse_quantity(str(row["quantity"]))),
            "told_date": row["known_date"], "new_date": row["promise_date"], "days": row["days"],
            "uncertain": row["uncertain"], "of_part": False,
        }
        for row in found["rows"] if row["order"] == notice.about
    ]


def _told_lines(ledger: Ledger, placed: RecordedEvent) -> list[dict[str, Any]]:
    """Return the lines of an order whose customer is told that units of them are backordered."""
    event = placed.payload
    assert isinstance(event, OrderPlaced)
    return [
        {
            "line": line.line, "sku": line.sku, "quantity": to_text(line.quantity),
            "backordered": to_text(backordered), "requested_date": line.requested_date,
        }
        for line in event.lines if line.backorders == "allow_and_notify"
        and (backordered := _backordered(ledger, placed, event.order, line))
    ]


def _backordered(ledger: Ledger, placed: RecordedEvent, order: str, line: LinePlaced) -> int:
    """Return the units of a line that were backordered when its order became visible.

    An order that was placed in a group did so at the end of the group.
    """
    if placed.group is None:
        return line.backordered
    _, last = ledger.positions_of_group(placed.group)
    stock = cast(ProductStock, ledger.aggregate(ProductStock.stream_of(line.sku), last))
    open_line = stock.lines.get((order, line.line))
    return 0 if open_line is None else open_line.backordered


def _low_item(row: Row) -> dict[str, Any]:
    return {
        "sku": row["sku"], "pool": row["pool"], "source": row["source"],
        "basis": to_text(row["basis"]), "threshold": to_text(row["threshold"]),
    }


def _promised_line(row: Row) -> dict[str, Any]:
    return {
        "line": row["line"], "sku": row["sku"], "quantity": to_text(row["quantity"]),
        "old_date": row["old_date"], "new_date": row["new_date"], "told_date": row["told_date"],
        "days": row["days"], **uncertainty_of_change(row), "of_part": bool(row["of_part"]),
        "cause": cause_of_change(row)["sentence"],
    }
