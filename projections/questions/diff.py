"""The difference between two moments: what changed in stock, orders and backorders, and by what."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, ClassVar, NamedTuple

from pydantic import Field

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.quantity import to_number
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.movers import movers_of
from stocktrail.projections.answers.shapes.shape import Position, Shape
from stocktrail.projections.as_of import LedgerAsRecorded
from stocktrail.projections.as_of.moment import resolve_as_of
from stocktrail.projections.folding.batches import reaches_every_item
from stocktrail.projections.models.changes import changes_of
from stocktrail.projections.models.orders import OrderView, placed_order
from stocktrail.projections.questions.fields import Moment, as_text
from stocktrail.projections.questions.question import Example, Question, Report
from stocktrail.projections.questions.replay import balances
from stocktrail.projections.read_models import ReadModels


class FigureChange(Shape):
    """What a figure was and what it became."""

    from_: Any = Field(alias="from")
    to: Any


class EventThatMoved(Shape):
    """An event, and which figures of a row it moved."""

    position: Position
    type: str
    command_id: str | None
    sentence: str
    moved: list[str]


class ChangedStock(Shape):
    """An item in a pool whose figures changed."""

    sku: str
    pool: str
    changes: dict[str, FigureChange]
    events: list[EventThatMoved]


class ChangedOrder(Shape):
    """An order whose status or lines changed."""

    order: str
    changes: dict[str, FigureChange]
    events: list[EventThatMoved]


class ChangedBackorder(Shape):
    """A line whose backordered units changed."""

    order: str
    line: int
    sku: str
    customer: str
    changes: dict[str, FigureChange]
    events: list[EventThatMoved]


class ChangedSetting(Shape):
    """An event of the settings."""

    position: Position
    type: str
    command_id: str | None
    sentence: str


class DifferenceReport(Shape):
    """What changed from one position to another."""

    from_: Position = Field(alias="from")
    to: Position
    events: int
    stock: list[ChangedStock]
    orders: list[ChangedOrder]
    backorders: list[ChangedBackorder]
    settings: list[ChangedSetting]


_WHEN = (
    "A position (digits), a day (its end in the shop's time zone) or a recorded time in ISO 8601."
)


class Difference(Question[DifferenceReport]):
    """What changed between two moments in stock, orders and backorders, and by which events."""

    question: ClassVar[str] = "diff"
    address: ClassVar[str | None] = None
    example: ClassVar[Example] = {"from": "8"}
    table: ClassVar[str] = "stock"

    from_: Moment = Field(validation_alias="from", description=_WHEN)
    to: Moment | None = Field(default=None, description=f"{_WHEN} Default: now.")

    @property
    def is_past(self) -> bool:
        """Both moments are earlier ones."""
        return True

    def table_header(self) -> tuple[str, ...]:
        """Return the columns of a table with a row for every figure that changed."""
        return FIGURE_COLUMNS

    def table_rows(self, report: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
        """Return a row for every figure that changed."""
        return figures_changed(report)

    def answer(self, models: ReadModels) -> Report:
        """Compare the two; refuses an unknown position."""
        start = resolve_as_of(models.ledger, as_text(self.from_))
        stop = (
            models.ledger.head().position if self.to is None
            else resolve_as_of(models.ledger, as_text(self.to))
        )
        return difference(models, start, stop)


_ABOUT = ("sku", "pool", "order", "line", "customer")
_TABLES = {"stock": "stock", "orders": "order", "backorders": "backorder"}

FIGURE_COLUMNS: tuple[str, ...] = ("kind", *_ABOUT, "figure", "from", "to", "positions")
"""The columns of :func:`figures_changed`."""


def figures_changed(report: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a row for every figure that changed, with the positions of what moved it."""
    for table, kind in _TABLES.items():
        for row in report[table]:
            for figure, change in row["changes"].items():
                moved = (each["position"] for each in row["events"] if figure in each["moved"])
                yield {
                    "kind": kind, **{name: row.get(name) for name in _ABOUT}, "figure": figure,
                    "from": change["from"], "to": change["to"],
                    "positions": " ".join(map(str, moved)),
                }


EVENTS_PER_PAGE = 2000

BACKORDERED = "backordered"
"""The figure of a line that stands in a row of its own; a line that is not placed waits for none.
"""

Numbers = Mapping[str, Any]
Movers = Mapping[str, Sequence[RecordedEvent]]


class _Between:
    """The events between two positions, by what they are about."""

    def __init__(self, models: ReadModels, start: int, stop: int) -> None:
        self.of_items: dict[str, list[RecordedEvent]] = {}
        self.of_orders: dict[str, list[RecordedEvent]] = {}
        self.of_settings: list[RecordedEvent] = []
        self.count = stop - start
        position = start
        while position < stop:
            page = models.ledger.read(position, EVENTS_PER_PAGE, stop)
            for recorded in page:
                self._sort(recorded)
            position = page[-1].position
        if any(reaches_every_item(each.payload) for each in self.of_settings):
            for stream in models.ledger.streams(ProductStock.category):
                self.of_items.setdefault(stream.partition("/")[2], [])

    def _sort(self, recorded: RecordedEvent) -> None:
        category, _, key = recorded.originator_id.partition("/")
        if category == Settings.category:
            self.of_settings.append(recorded)
        elif category == Order.category:
            self.of_orders.setdefault(key, []).append(recorded)
        elif category == ProductStock.category:
            self.of_items.setdefault(key, []).append(recorded)
            for order in dict.fromkeys(line[0] for line in changes_of(recorded.payload).lines):
                self.of_orders.setdefault(order, []).append(recorded)


def difference(models: ReadModels, start: int, stop: int) -> dict[str, Any]:
    """List what changed from one position to another, with the events that did it.

    ``stock`` has a row for each item and pool whose numbers changed, ``orders`` for each order
    whose status or lines did, ``backorders`` for each line whose backordered units did. The events
    of a row are those that moved one of its numbers, and ``moved`` says which. The two positions
    may be given in either order; the changes go from the first to the second. Refuses an unknown
    position.
    """
    for position in (start, stop):
        models.reach(position)
    low, high = min(start, stop), max(start, stop)
    between = _Between(models, low, high)
    with models.reading() as reading:
        before, after = (
            LedgerAsRecorded(models.ledger, reading, position) for position in (start, stop)
        )
        moments = _Moments(before, after, before if start <= stop else after)
        order_ids = list(between.of_orders)
        was, became = moments.before.orders(order_ids), moments.after.orders(order_ids)
        began = moments.first.orders(order_ids)
        orders: list[dict[str, Any]] = []
        backorders: list[dict[str, Any]] = []
        for order_id, events in sorted(between.of_orders.items()):
            changes = _Changed(_of_order(was.get(order_id)), _of_order(became.get(order_id)))
            if not changes:
                continue
            movers = _movers_of_order(began.get(order_id), events)
            known = became.get(order_id) or was[order_id]
            orders += changes.row({"order": order_id}, movers, _called_in_order)
            for line in known.lines.values():
                about = {"order": order_id, "line": line.line, "sku": line.sku,
                         "customer": known.customer}
                backorders += changes.row(
                    about, movers, {f"line {line.line} {BACKORDERED}": BACKORDERED}.get
                )
        return {
            "from": start,
            "to": stop,
            "events": between.count,
            "stock": list(_stock(moments, between)),
            "orders": orders,
            "backorders": backorders,
            "settings": [_told(recorded) for recorded in between.of_settings],
        }


class _Moments(NamedTuple):
    """The two moments that are compared, and the earlier of them."""

    before: LedgerAsRecorded
    after: LedgerAsRecorded
    first: LedgerAsRecorded


def _stock(moments: _Moments, between: _Between) -> Iterator[dict[str, Any]]:
    before, after, first = moments
    pools = sorted({*before.settings.pools, *after.settings.pools})
    for moment in moments:
        moment.stocks(list(between.of_items))
    for sku, events in sorted(between.of_items.items()):
        was, became = before.stock(sku), after.stock(sku)
        changed = {
            pool: changes for pool in pools if (changes := _Changed(
                figures_of_stock(before.settings, was, pool),
                figures_of_stock(after.settings, became, pool),
            ))
        }
        if changed:
            movers = _movers_of_item(first, sku, [*events, *between.of_settings], list(changed))
            for pool, changes in changed.items():
                yield from changes.row({"sku": sku, "pool": pool}, movers.get(pool, {}))


def figures_of_stock(settings: Settings, stock: ProductStock, pool: str) -> Numbers:
    """Return the figures of an item in a pool, with what each of its sources has."""
    if not stock.exists or pool not in settings.pools:
        return {}
    on_hand = {f"on_hand at {source}": to_number(units)
               for source, units in stock.on_hand.items()
               if source in settings.sources_of(pool)}
    found = balances(stock, settings, pool)
    del found["on_hand"]
    return on_hand | found if on_hand or any(found.values()) else {}


def _movers_of_item(
    first: LedgerAsRecorded, sku: str, events: Sequence[RecordedEvent], pools: Sequence[str]
) -> Mapping[str, Movers]:
    """Return which events moved which figure of an item, pool by pool."""
    stock, settings = first.stock(sku).clone(), first.settings.clone()

    def apply(recorded: RecordedEvent) -> None:
        is_own = recorded.originator_id == stock.id
        (stock if is_own else settings).apply(recorded.payload)

    def figures() -> dict[tuple[str, str], Any]:
        return {
            (pool, name): value
            for pool in pools for name, value in figures_of_stock(settings, stock, pool).items()
        }

    found: dict[str, dict[str, list[RecordedEvent]]] = {}
    for (pool, name), movers in movers_of(_in_order(events), apply, figures).items():
        found.setdefault(pool, {})[name] = movers
    return found


def _of_order(order: OrderView | None) -> Numbers:
    if order is None:
        return {}
    found: dict[str, Any] = {"status": order.status, "priority": order.priority}
    for line in order.lines.values():
        for name in _OF_LINE:
            found[f"line {line.line} {name}"] = to_number(getattr(line, name))
        found[f"line {line.line} requested_date"] = line.requested_date.isoformat()
    return found


_OF_LINE = (
    "ordered", "shipped", "cancelled", "released", "returned", "allocated", BACKORDERED
)


def _called_in_order(name: str) -> str | None:
    """Return how a figure is called in the row of its order; backorders have rows of their own."""
    return None if name.endswith(f" {BACKORDERED}") else name


def _movers_of_order(began: OrderView | None, events: Sequence[RecordedEvent]) -> Movers:
    """Return which events moved which figure of an order and its lines."""
    view = began

    def apply(recorded: RecordedEvent) -> None:
        nonlocal view
        if recorded.originator_id.startswith(f"{ProductStock.category}/"):
            for order_id, number, units in changes_of(recorded.payload).lines:
                if view is not None and order_id == view.order_id and view.lines[number].managed:
                    view.lines[number].allocated += units
        elif recorded.originator_version == 1:
            view = placed_order(recorded)
        elif view is not None:
            view.apply(recorded.payload)

    return movers_of(_in_order(events), apply, lambda: _of_order(view))


def _in_order(events: Iterable[RecordedEvent]) -> list[RecordedEvent]:
    return sorted(events, key=attrgetter("position"))


class _Changed(dict[str, dict[str, Any]]):
    """The figures that are not the same at two moments, by name: from what to what."""

    def __init__(self, before: Numbers, after: Numbers) -> None:
        super().__init__()
        for name in dict.fromkeys([*before, *after]):
            nothing = 0 if name.endswith(f" {BACKORDERED}") else None
            change = {"from": before.get(name, nothing), "to": after.get(name, nothing)}
            if change["from"] != change["to"]:
                self[name] = change

    def row(
        self, about: dict[str, Any], movers: Movers,
        called: Callable[[str], str | None] = lambda name: name,
    ) -> Iterator[dict[str, Any]]:
        """Put together a row, with the events that moved its figures.

        ``called`` says how a figure is called in it, ``None`` for one that stands elsewhere.
        """
        names = {name: own for name in self if (own := called(name)) is not None}
        if not names:
            return
        changes = {own: self[name] for name, own in names.items()}
        moved: dict[int, tuple[RecordedEvent, list[str]]] = {}
        for name, own in names.items():
            for recorded in movers.get(name, ()):
                moved.setdefault(recorded.position, (recorded, []))[1].append(own)
        yield {**about, "changes": changes, "events": [
            {**_told(recorded), "moved": names} for _, (recorded, names) in sorted(moved.items())
        ]}


def _told(recorded: RecordedEvent) -> dict[str, Any]:
    return {
        "position": recorded.position, "type": type(recorded.payload).__name__,
        "command_id": recorded.command_id, "sentence": recorded.payload.sentence,
    }
