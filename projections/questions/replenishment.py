"""Replenishment: what to order, by when, from whom, and what another source could give instead.

An item is listed when a line of it waits for units that nothing covers, or when a pool, or a source
with a level of its own, has less than its notify-below level together with what is on order. The
arithmetic is that of the suggested order quantity (rule 5.8).

Rule 5.11 is the source.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Literal, NamedTuple

from pydantic import Field

from stocktrail.ledger.quantity import to_number
from stocktrail.projections.answers.cursor import read_cursor, write_cursor
from stocktrail.projections.answers.moment_view import MomentView, moment_view
from stocktrail.projections.answers.replenishment.deliveries import (
    LastDelivery,
    days_taken,
    last_deliveries,
)
from stocktrail.projections.answers.replenishment.figures import Items, every_figure
from stocktrail.projections.answers.replenishment.needs import (
    ItemFigures,
    Need,
    Shelves,
    lacks_anything,
    needs_of,
)
from stocktrail.projections.answers.replenishment.proposals import (
    Proposal,
    commands_for,
    orders_of,
    purchase_order_id,
)
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.answers.sorted_page import DEFAULT_LIMIT
from stocktrail.projections.questions.fields import VendorId
from stocktrail.projections.questions.question import Example, Paged, Question, Report, Today
from stocktrail.projections.read_models import ReadModels

Facet = Literal["uncovered", "below_level", "no_vendor"]
FACETS: tuple[Facet, ...] = ("uncovered", "below_level", "no_vendor")


class NeedReport(Shape):
    """What pools, or a source, lack of an item: what is uncovered, or what lifts it to its level.

    The level is met by level + demand - supply - open supply. What is on order without a date is
    part of the open supply, and covers nobody.
    """

    pools: list[str]
    source: str | None
    level: Number
    demand: Number
    supply: Number
    open_supply: Number
    undated_supply: Number
    uncovered: Number
    missing: Number
    destination: str | None
    why: str = Field(description="The arithmetic in words.")


class TransferReport(Shape):
    """Units that another source can spare."""

    from_source: str
    to_source: str
    quantity: Number


class ProposedOrder(Shape):
    """Units to order, and the purchase order that they would stand on."""

    destination: str
    quantity: Number
    purchase_order: str | None


class ReplenishmentRow(Shape):
    """An item that lacks something: how much, why, and what would meet it."""

    sku: str
    name: str | None
    vendor: str | None = Field(description="Who delivered it last, or was to.")
    missing: Number
    uncovered: Number
    transfer_quantity: Number
    order_quantity: Number
    needed_by: date | None = Field(description="The earliest day an uncovered line is wanted for.")
    orders_waiting: int
    days_taken: int | None = Field(description="From order to goods, when it came last.")
    expected_date: date | None
    last_purchase_order: str | None
    needs: list[NeedReport]
    transfers: list[TransferReport]
    orders: list[ProposedOrder]


class VendorToAsk(Shape):
    """A vendor, and how many items there are to order from it; none: nobody delivered them yet."""

    vendor: str | None
    items: int


class ReplenishmentReport(Shape):
    """A page of what to replenish; ``total``, ``facets`` and ``vendors`` count all pages.

    ``commands`` are there when asked for: those of the items of all pages. ``left_out`` counts the
    items that they do not order, because nobody delivered any yet.
    """

    as_of: Position
    today: date
    time_zone: str
    total: int
    facets: dict[str, int]
    vendors: list[VendorToAsk]
    rows: list[ReplenishmentRow]
    next: str | None
    commands: list[dict[str, Any]] | None
    left_out: int | None


class Replenishment(Paged, Today, Question[ReplenishmentReport]):
    """What to order, by when and why, by vendor; or the commands that order it."""

    question: ClassVar[str] = "replenishment"
    tag: ClassVar[str] = "who waits"
    example: ClassVar[Example] = {"today": "2026-03-01", "limit": 2}

    vendor: VendorId | None = Field(
        default=None, description="Only what this vendor delivered last."
    )
    facets: list[Facet] = Field(
        default=[], validation_alias="facet",
        description="Only items of which all of these are true: uncovered (nothing covers what a "
        "line waits for), below_level (all lines are covered, but less is left than wanted), "
        "no_vendor (nobody delivered it yet).",
    )
    commands: bool = Field(
        default=False,
        description="As rows that `submit` takes: transfers, and a purchase order a vendor.",
    )

    def answer(self, models: ReadModels) -> Report:
        """Find a page, 100 items without a limit; refuses an unknown position or page."""
        return replenishment(models, self)


Where = tuple[bool, str, str]
"""Where an item stands in the list: by vendor, those without one last."""


class Short(NamedTuple):
    """An item that lacks something, the facets true of it, and who delivered it last."""

    key: Where
    facets: frozenset[Facet]
    last: LastDelivery | None

    @property
    def sku(self) -> str:
        """The item's SKU."""
        return self.key[-1]


def replenishment(models: ReadModels, asked: Replenishment) -> dict[str, Any]:
    """Return a page of the items that lack something, by vendor; see :class:`Replenishment`.

    Raises a refusal for a position that the log has not reached (``unknown_position``), and for an
    ``after`` that no page gave (``bad_page``).
    """
    as_of, today = asked.position(models), asked.day(models)
    after = read_cursor(["replenishment"], asked.after, (bool, str, str))
    with moment_view(models, as_of, today, lambda _: (), counts_every_line=True) as moment:
        lacking = Lacking(models, moment)
        every = lacking.every
        met = [each for each in every if each.facets.issuperset(asked.facets)]
        of_vendor = every if asked.vendor is None else [
            each for each in every if each.last is not None and each.last.vendor == asked.vendor
        ]
        found = [each for each in of_vendor if each.facets.issuperset(asked.facets)]
        limit = DEFAULT_LIMIT if asked.limit is None else asked.limit
        follows = found if after is None else [each for each in found if each.key > after]
        page = follows[:limit]
        more = len(follows) > len(page)
        sent = lacking.proposals(found) if asked.commands else None
        return {
            "as_of": moment.position, "today": moment.today.isoformat(),
            "time_zone": moment.settings.time_zone, "total": len(found),
            "facets": _facets(of_vendor, asked.facets), "vendors": _vendors(met),
            "rows": lacking.rows(page),
            "next": write_cursor(["replenishment"], page[-1].key) if more else None,
            "commands": None if sent is None else list(commands_for(sent, moment.position)),
            "left_out": None if sent is None else sum(
                each.vendor is None and bool(each.orders) for each in sent
            ),
        }


class Lacking:
    """The items that lack something at a moment, in the order of the list."""

    def __init__(self, models: ReadModels, moment: MomentView) -> None:
        self._models, self._moment = models, moment
        self._shelves = Shelves(moment.settings)
        self._items: Items = every_figure(moment, self._shelves)
        self._why: dict[str, Facet] = {
            sku: _why_lacking(item, self._shelves) for sku, item in self._items.items()
            if lacks_anything(item, self._shelves)
        }

    @cached_property
    def every(self) -> list[Short]:
        """All of them."""
        return _short(self._moment, self._why)

    def count(self, why: Facet) -> int:
        """Count the items that lack something for a reason: ``uncovered`` or ``below_level``."""
        return sum(1 for each in self._why.values() if each == why)

    def of(self, why: Facet) -> list[Short]:
        """Return the items that lack something for a reason; nobody else's vendor is looked up."""
        return _short(self._moment, {
            sku: each for sku, each in self._why.items() if each == why
        })

    def waiting_for_dates(self) -> dict[str, int]:
        """Return the units by item that lines wait for and that are on order without a date.

        They are those of items of which no line waits for what is not on order at all.
        """
        return {
            sku: sum(pool.units for pool in item.uncovered.values())
            for sku, item in sorted(self._items.items())
            if item.uncovered and not _is_uncovered(item, self._shelves)
        }

    def rows(self, found: Sequence[Short]) -> list[dict[str, Any]]:
        """Return what is said of some items, and what to do about them."""
        return [_row(each, self._moment.position) for each in self.proposals(found)]

    def proposals(self, found: Sequence[Short]) -> list[Proposal]:
        """Put together what to do about some items."""
        moment, shelves = self._moment, self._shelves
        stocks = moment.stocks([each.sku for each in found])
        days = days_taken(self._models.ledger, {
            each.sku: each.last for each in found if each.last is not None
        })
        proposals = []
        for each in found:
            item, product = self._items[each.sku], stocks[each.sku].product
            needs = needs_of(item, shelves)
            transfers, orders = orders_of(item, needs, shelves, whole=not product.decimal)
            taken = days.get(each.sku)
            expected = None if taken is None else moment.today + timedelta(days=taken)
            proposals.append(Proposal(
                item, product.name, needs, each.last, transfers, orders, taken, expected
            ))
        return proposals


def _why_lacking(item: ItemFigures, shelves: Shelves) -> Facet:
    return "uncovered" if _is_uncovered(item, shelves) else "below_level"


def _short(moment: MomentView, lacking: Mapping[str, Facet]) -> list[Short]:
    """Return items that lack something, in the order of the list: by who delivered them last."""
    last = last_deliveries(moment, list(lacking))
    found = []
    for sku, why in lacking.items():
        delivery = last.get(sku)
        if delivery is None:
            found.append(Short((True, "", sku), frozenset((why, "no_vendor")), None))
        else:
            found.append(Short((False, delivery.vendor, sku), frozenset((why,)), delivery))
    return sorted(found)


def _is_uncovered(item: ItemFigures, shelves: Shelves) -> bool:
    """Return whether a line waits for what is not on order at all, dated or not."""
    if not item.uncovered:
        return False
    return any(need.uncovered > need.undated for need in needs_of(item, shelves))


def _facets(found: Sequence[Short], chosen: Sequence[Facet]) -> dict[str, int]:
    """Count the items that meet the chosen facets and each other one."""
    kinds = Counter(each.facets for each in found)
    return {
        name: sum(units for facets, units in kinds.items() if facets.issuperset((*chosen, name)))
        for name in FACETS
    }


def _vendors(found: Sequence[Short]) -> list[dict[str, Any]]:
    counts: dict[str | None, int] = {}
    for each in found:
        vendor = None if each.last is None else each.last.vendor
        counts[vendor] = counts.get(vendor, 0) + 1
    return [{"vendor": vendor, "items": number} for vendor, number in counts.items()]


def _row(each: Proposal, position: int) -> dict[str, Any]:
    uncovered = each.item.uncovered.values()
    wanted = [pool.needed_by for pool in uncovered if pool.needed_by is not None]
    return {
        "sku": each.sku, "name": each.name, "vendor": each.vendor,
        "missing": to_number(sum(need.missing for need in each.needs)),
        "uncovered": to_number(sum(pool.units for pool in uncovered)),
        "transfer_quantity": to_number(sum(one.quantity for one in each.transfers)),
        "order_quantity": to_number(sum(each.orders.values())),
        "needed_by": min(wanted, default=None),
        "orders_waiting": sum(pool.orders for pool in uncovered),
        "days_taken": each.days,
        "expected_date": None if each.expected is None else each.expected.isoformat(),
        "last_purchase_order": None if each.last is None else each.last.purchase_order,
        "needs": [_need(need) for need in each.needs],
        "transfers": [
            {**one._asdict(), "quantity": to_number(one.quantity)} for one in each.transfers
        ],
        "orders": [
            {
                "destination": destination, "quantity": to_number(units),
                "purchase_order": None if each.vendor is None else purchase_order_id(
                    position, each.vendor, destination
                ),
            } for destination, units in each.orders.items()
        ],
    }


def _need(need: Need) -> dict[str, Any]:
    return {
        "pools": list(need.pools), "source": need.source,
        "level": to_number(need.level), "demand": to_number(need.demand),
        "supply": to_number(need.supply), "open_supply": to_number(need.open_supply),
        "undated_supply": to_number(need.undated), "uncovered": to_number(need.uncovered),
        "missing": to_number(need.missing), "destination": need.destination,
        "why": need.why,
    }
