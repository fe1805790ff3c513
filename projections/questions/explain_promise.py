"""Why a line is promised what it is: its parts, the queue before it, and every change so far."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Literal

from stocktrail.ledger.pegging import Blocked, Peg, is_overdue
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.store.tables import Row
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.promised import (
    change_row,
    parts_of,
    promised_for,
    ready_on,
    that_ships_any_time,
)
from stocktrail.projections.answers.shapes.promises import (
    CauseReport,
    OverdueReceiptReport,
    PromisePart,
)
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of import LedgerAsOf
from stocktrail.projections.dates import iso
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.orders import OrderLineView, OrderView
from stocktrail.projections.models.overdue import uncertainty
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.queues import waiting_before
from stocktrail.projections.questions.fields import LineNumber, OrderId
from stocktrail.projections.questions.order import unknown_order
from stocktrail.projections.questions.question import (
    Example,
    LatestEventsFirst,
    Question,
    Report,
    Today,
)
from stocktrail.projections.read_models import ReadModels


class Before(Shape):
    """Who stands before a line in the queue."""

    lines: int
    backordered: Number


class PromiseChange(Shape):
    """A change that a promise went through."""

    position: Position
    recorded_at: datetime
    command_id: str | None
    quantity: Number
    old_date: date | None
    new_date: date | None
    told_date: date | None
    slip: bool
    notice: Literal["slip", "promise_found"] | None
    days: int | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    cause: CauseReport


class PromiseExplanation(Shape):
    """Why a line of an order is promised for its day."""

    order: str
    line: int
    sku: str
    customer: str
    as_of: Position
    today: date
    requested_date: date
    promise_date: date | None
    ready_date: date | None
    uncertain: bool
    overdue_receipts: list[OverdueReceiptReport]
    promises: list[PromisePart]
    before: Before
    earlier_changes: int
    next: Position | None
    changes: list[PromiseChange]
    sentences: list[str]


class ExplainPromise(Today, LatestEventsFirst, Question[PromiseExplanation]):
    """Why a line of an order is promised for its day."""

    question: ClassVar[str] = "explain-promise"
    address: ClassVar[str | None] = "/explain/promise/{order}/{line}"
    tag: ClassVar[str] = "explanations"
    table: ClassVar[str] = "changes"
    example: ClassVar[Example] = {"order": "SO-1", "line": 1, "today": "2026-03-01"}

    order: OrderId
    line: LineNumber

    def answer(self, models: ReadModels) -> Report:
        """Explain it; refuses an unknown order, line or position."""
        return explain_promise(
            models, self.order, self.line, as_of=self.position(models), today=self.day(models),
            last=self.last, before=self.before,
        )


def explain_promise(
    models: ReadModels, order_id: str, line: int, *, as_of: int | None = None,
    today: date | None = None, last: int | None = None, before: int | None = None,
) -> dict[str, Any]:
    """Explain what a line of an order is promised, now or as of a position.

    ``sentences`` tell it; ``promises`` are its parts with the purchase lines they are pegged to;
    ``before`` counts who stands before it in the queue; ``changes`` are what its promise went
    through, each with its cause: all, or the ``last`` so many, of those before a position.
    ``earlier_changes`` counts those that came before them, and ``next`` is what leads to them,
    given as ``before``. Refuses an unknown order, line or position.
    """
    with moment_view(
        models, as_of, today, lambda past: _items_of_line(past, order_id, line)
    ) as moment:
        view, ordered = _find(moment, order_id, line)
        queue = moment.promises.fronts([ordered.sku])[ordered.sku]
        open_line = moment.promises.lines_of(order_id, [ordered.sku]).get(line)
        every = [
            row for row in moment.changes(order_id, line)
            if before is None or row["position"] < before
        ]
        changes = every if last is None else every[max(len(every) - last, 0):]
        sentences = (
            _nothing_open(view, ordered) if open_line is None
            else _open(moment, view, queue, open_line)
        )
        return {
            "order": order_id,
            "line": line,
            "sku": ordered.sku,
            "customer": view.customer,
            "as_of": moment.position,
            "today": moment.today.isoformat(),
            "requested_date": ordered.requested_date.isoformat(),
            **_promise(open_line or _any_time(moment, view, ordered), moment.today),
            "before": _before(moment, open_line),
            "earlier_changes": len(every) - len(changes),
            "next": changes[0]["position"] if changes and len(changes) < len(every) else None,
            "changes": [change_row(row) for row in changes],
            "sentences": [*sentences, *map(_changed, changes)],
        }


def _items_of_line(past: LedgerAsOf, order_id: str, number: int) -> list[str]:
    found = [view for view in past.orders([order_id]).values() if number in view.lines]
    return [
        line.sku for view in found for line in view.lines.values()
        if line.line == number or not view.lines[number].managed
    ]


def _any_time(moment: MomentView, view: OrderView, ordered: OrderLineView) -> PromisedLine | None:
    if ordered.managed or not ordered.remaining:
        return None
    skus = [line.sku for line in view.lines.values() if line.managed and line.remaining]
    others = moment.promises.lines_of(view.order_id, skus)
    return that_ships_any_time(view, ordered, others.values())


def _find(moment: MomentView, order_id: str, number: int) -> tuple[OrderView, OrderLineView]:
    view = moment.orders([order_id]).get(order_id)
    if view is None:
        raise unknown_order(order_id, moment.position)
    view.order.require_line(number)
    return view, view.lines[number]


def _promise(line: PromisedLine | None, today: date) -> dict[str, Any]:
    if line is None:
        return {
            "promise_date": None, "ready_date": None, "promises": [], **uncertainty((), today)
        }
    return {
        "promise_date": iso(promised_for(line, today)),
        "ready_date": iso(ready_on(line, today)),
        "promises": parts_of(line, today),
        **uncertainty(line.rests_on, today),
    }


def _before(moment: MomentView, line: PromisedLine | None) -> dict[str, Any]:
    lines = units = 0
    if line is not None:
        order_id, number = line.key
        before = waiting_before(moment.place, moment.cursor, [line.sku], order_id)
        lines, units = before.get(number, (0, 0))
    return {"lines": lines, "backordered": to_number(units)}


# ------------------------------------------------------------------ sentences


def _nothing_open(view: OrderView, line: OrderLineView) -> list[str]:
    name = f"Line {line.line} of order {view.order_id}"
    if line.remaining and view.ship_policy == "complete":
        return [
            f"{name} was accepted while stock was not managed: it waits for nothing but the other "
            "lines of its order, which ships complete."
        ]
    if line.remaining:
        return [
            f"{name} was accepted while stock was not managed: it ships any time, and waits for "
            "nothing."
        ]
    return [f"Nothing of {name[0].lower()}{name[1:]} remains: there is nothing to promise."]


def _open(moment: MomentView, view: OrderView, queue: Queue, line: PromisedLine) -> list[str]:
    today = moment.today
    sentences = [
        f"{view.customer} asked for {to_text(line.remaining)} of {line.sku} for "
        f"{line.requested_date} (priority {line.priority}, pool {line.pool})."
    ]
    if not line.managed:
        sentences.append(
            f"Stock of {line.sku} is not managed: the line waits for nothing, and can be picked "
            "today."
        )
    elif line.allocated:
        sentences.append(f"{to_text(line.allocated)} are allocated and can be picked today.")
    if line.waits_for:
        before = _before(moment, line)
        sentences.append(
            f"{to_text(line.backordered)} are backordered, behind {before['lines']} lines that "
            f"wait for {before['backordered']}."
        )
    sentences += [_pegged(moment, queue, peg) for peg in line.pegs]
    if line.uncovered:
        sentences.append(
            f"{to_text(line.uncovered)} are uncovered: nothing that is on order is left for them, "
            "so more must be ordered."
        )
        sentences += _blocked(moment, queue)
    return [*sentences, _promised(line, today), *_uncertain(line, today)]


def _pegged(moment: MomentView, queue: Queue, peg: Peg) -> str:
    receipt = queue.receipts[peg.purchase_order, peg.purchase_line]
    where = f"line {peg.purchase_line} of purchase order {peg.purchase_order}"
    if is_overdue(receipt.expected_date, moment.today):
        days = moment.settings.overdue_offset_days
        return (
            f"{to_text(peg.quantity)} wait for {where}, which is overdue since "
            f"{receipt.expected_date}: it is counted {_days(days)} after today, on {peg.ready}."
        )
    return f"{to_text(peg.quantity)} wait for {where}, expected on {receipt.expected_date}."


_BLOCKED: Mapping[Blocked, str] = {
    "source_disabled": "source {source} is disabled",
    "item_out_of_stock": "{sku} is set out of stock at source {source}",
    "serves_no_pool": "source {source} serves no pool",
}


def _blocked(moment: MomentView, queue: Queue) -> Iterator[str]:
    """Return what is on order and helps nobody."""
    for receipt in queue.receipts.values():
        reason = queue.why_blocked(receipt, moment.settings)
        if reason is not None:
            why = _BLOCKED[reason].format(source=receipt.source, sku=queue.sku)
            yield (
                f"{to_text(receipt.quantity)} on line {receipt.line} of purchase order "
                f"{receipt.purchase_order} are promised to nobody: {why}."
            )


def _promised(line: PromisedLine, today: date) -> str:
    promised, ready = promised_for(line, today), ready_on(line, today)
    if promised is None:
        if line.uncovered:
            return "While units are uncovered the line has no promise date."
        return "Its order ships complete, and another line has units that are uncovered: no date."
    if line.ships_complete and ready is not None and promised > max(ready, line.requested_date):
        return (
            f"It would be ready on {ready}, but its order ships complete: it is promised for "
            f"{promised}, with the latest of its lines."
        )
    if ready is not None and promised > ready:
        return f"It is ready on {ready} and promised for {promised}, not before it is requested."
    return f"It is promised for {promised}."


def _uncertain(line: PromisedLine, today: date) -> list[str]:
    if not line.uncertain:
        return []
    receipts = ", ".join(
        f"line {each.purchase_line} of purchase order {each.purchase_order} "
        f"({_days((today - each.expected_date).days)} overdue)" for each in line.rests_on
    )
    return [f"That is uncertain, and no date to tell a customer: it rests on {receipts}."]


def _days(number: int) -> str:
    return f"{number} day{'' if number == 1 else 's'}"


def _changed(row: Row) -> str:
    old, new = row["old_date"] or "no date", row["new_date"] or "no date"
    what = "slipped" if row["is_slip"] else "moved"
    moved = row["days"]
    days = "" if moved is None else f" ({moved:+d} day{'' if abs(moved) == 1 else 's'}"
    if days and row["notice"] is not None and row["told_date"] != row["old_date"]:
        days += f" from {row['told_date']}, the promise that it is counted from"
    return (
        f"At position {row['position']}, {to_text(row['quantity'])} {what} from {old} to {new}"
        f"{days and days + ')'}: {row['cause']}."
    )
