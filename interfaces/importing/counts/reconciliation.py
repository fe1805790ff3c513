"""Reconciliation: a count beside what the ledger had when it was taken.

What the ledger had then, and what the count changes, is what ``count-stock`` decides: the counts
are tried, and their events read.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.commands.stock import CountStock
from stocktrail.interfaces.importing.counts.count_list import (
    CountedItem,
    CountFile,
    counted_items,
)
from stocktrail.interfaces.importing.counts.moved import Moves, moves_of
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.known import Known
from stocktrail.interfaces.importing.plan import ImportPlan, Planned
from stocktrail.interfaces.importing.records import records_of
from stocktrail.interfaces.importing.run import RefusedCommand
from stocktrail.ledger.instant import to_instant, to_iso
from stocktrail.ledger.quantity import shortened, to_text
from stocktrail.ledger.stock.events import StockCounted
from stocktrail.ledger.stock.events.items import StockMovement
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.models.stock_levels import PRODUCT, SOURCE_ITEM
from stocktrail.projections.read_models import ReadModels


class ComparedCount(NamedTuple):
    """A count, and what the ledger had there when it was taken, in ten-thousandths.

    ``on_hand`` is what is there now, ``gained`` what the count changes of it.
    """

    item: CountedItem
    expected: int
    on_hand: int
    gained: int

    @property
    def difference(self) -> int:
        """What was found beyond what the ledger had, less than 0 for what was missing."""
        return self.item.counted - self.expected

    def moves(self, models: ReadModels) -> Moves:
        """Return what moved the item there since it was last counted."""
        at = self.item.counted_at
        moment = None if at is None else to_iso(to_instant(at))
        return moves_of(models, self.item.sku, self.item.source, self.on_hand, moment)


class Uncounted(NamedTuple):
    """An item of which the ledger has some at a source that was counted, and no row counts it."""

    sku: str
    source: str
    on_hand: int


class Reconciliation(NamedTuple):
    """A file of counts beside the ledger.

    ``plan`` are the counts that the ledger does not have yet, ``refused`` those of them that it
    would not take.
    """

    layout: Layout
    findings: Findings
    compared: list[ComparedCount]
    uncounted: list[Uncounted]
    refused: list[RefusedCommand]
    plan: ImportPlan

    @property
    def differences(self) -> list[ComparedCount]:
        """The counts that found something else than the ledger had."""
        return [each for each in self.compared if each.difference]


def reconciled(file: CountFile, models: ReadModels) -> Reconciliation:
    """Compare a file of counts with the ledger; nothing is recorded.

    Raises :class:`~stocktrail.interfaces.importing.bad_file.BadFile` for a file of which no row can
    be read.
    """
    layout, findings, known = file.layout, Findings(), Known(models.ledger)
    zone = known.settings().time_zone
    items = counted_items(records_of(layout, findings, file.decimal), file, zone, findings)
    rest = _uncounted(models, items)
    if file.rest_is_nothing:
        items += [CountedItem(None, each.sku, each.source, 0, file.counted_at) for each in rest]
        rest = []
    found = Reconciliation(
        layout, findings, [], rest, [], ImportPlan(file.digest, apart=True)
    )
    planned = _planned(found, known, file, items)
    _try(found, known, planned)
    return found


def _planned(
    found: Reconciliation, known: Known, file: CountFile, items: Sequence[CountedItem]
) -> list[CountedItem]:
    """Plan the counts that the ledger does not have, and return them."""
    known.load(ProductStock, (item.sku for item in items))
    planned = []
    for item in items:
        stock = known.item(item.sku)
        row = item.row or 0
        if stock is None:
            found.findings.wrong(
                row, "unknown_sku", f"there is no item {shortened(item.sku)}. Register it first."
            )
        elif is_known(stock, item):
            found.plan.unchanged += 1
            on_hand = stock.on_hand.get(item.source, 0)
            found.compared.append(ComparedCount(item, item.counted, on_hand, 0))
        else:
            with found.findings.of(row):
                found.plan.add(
                    [_count(item, file, stock)],
                    state=stock.version if item.counted_at is None else None,
                )
                planned.append(item)
    return planned


def _count(item: CountedItem, file: CountFile, stock: ProductStock) -> Planned:
    command = CountStock.model_validate({
        "sku": item.sku, "source": item.source, "counted": to_text(item.counted),
        "reason": item.reason or f"count of {file.name[:200]}", "occurred_at": item.counted_at,
        "actor": item.counted_by,
    })
    on_hand = to_text(stock.on_hand.get(item.source, 0))
    return Planned(
        command, item.row, "count", item.sku, item.source, on_hand, to_text(item.counted)
    )


def is_known(stock: ProductStock, item: CountedItem) -> bool:
    """Return whether the ledger has a count already: the same figure, and the same moment.

    One that says no moment is known as long as nothing has moved there since it was recorded.
    """
    timeline = stock.timelines.get(item.source)
    if timeline is None or not len(timeline):
        return False
    at = timeline[-1].occurred_at if item.counted_at is None else to_instant(item.counted_at)
    held = stock.on_hand.get(item.source, 0) - timeline.gained_from(timeline.place_after(at))
    return held == item.counted and any(
        movement.counted_as and movement.occurred_at == at for movement in timeline
    )


def _try(found: Reconciliation, known: Known, items: Sequence[CountedItem]) -> None:
    """Try the planned counts, and keep what each would change, or why it is refused."""
    results = submit(known.ledger, found.plan.rows(), dry_run=True)
    for item, planned, result in zip(items, found.plan.planned, results, strict=True):
        counted = _counted_of(result)
        if counted is None:
            found.refused.append(RefusedCommand(planned, result))
            continue
        stock = known.item(item.sku)
        on_hand = 0 if stock is None else stock.on_hand.get(item.source, 0)
        delta, gained = counted.delta, _gained(result, item.source)
        if result.status == "duplicate":           # longer ago than the item remembers
            found.plan.unchanged += 1
            delta = gained = 0
        found.compared.append(ComparedCount(item, item.counted - delta, on_hand, gained))
    found.compared.sort(key=lambda each: each.item.row or 0)


def _counted_of(result: Result) -> StockCounted | None:
    payloads = (event.payload for event in result.recorded)
    return next((each for each in payloads if isinstance(each, StockCounted)), None)


def _gained(result: Result, source: str) -> int:
    return sum(
        delta for event in result.recorded if isinstance(event.payload, StockMovement)
        for at, delta in event.payload.gains if at == source
    )


def _uncounted(models: ReadModels, items: Iterable[CountedItem]) -> list[Uncounted]:
    """Return of which items a counted source has some though no row counts them."""
    counted: dict[str, set[str]] = {}
    for item in items:
        counted.setdefault(item.source, set()).add(item.sku)
    with models.reading() as reading:
        table = reading.place.table(SOURCE_ITEM)
        return [
            Uncounted(row["sku"], source, row["on_hand"])
            for source, skus in counted.items()
            for row in table.rows(
                reading.cursor, "WHERE source = :source AND on_hand <> 0 ORDER BY sku",
                source=source,
            )
            if row["sku"] not in skus
        ]


def names_of(models: ReadModels, skus: Sequence[str]) -> dict[str, str]:
    """Return what items are called, by their SKUs; those without a name are left out."""
    with models.reading() as reading:
        rows = reading.place.table(PRODUCT).rows_of(reading.cursor, "sku", skus)
        return {row["sku"]: row["name"] for row in rows if row["name"]}
