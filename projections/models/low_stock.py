"""Read model of low stock: a notice when an item runs low, once per crossing.

Per pool the basis is the salable quantity, per source (where a source-level threshold is set) what
is on hand there. A notice is raised when the basis is at or below ``notify_below`` and cleared when
it is above again, or when the item is no longer managed or carried. It is judged at the end of each
command, or of each group, never inside one, so what is only passed through raises nothing.

Rule 2.7 is the source.
"""

from typing import NamedTuple

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.configuration import Policy, resolve_source_notice
from stocktrail.ledger.product import Product
from stocktrail.ledger.salability import Figures, judge
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.tables import Cursor, ReadModel, Row, Table, TableSet, Values
from stocktrail.projections.models.item import Item, Notice
from stocktrail.projections.models.open_spans import STILL_OPEN, span_class
from stocktrail.projections.models.parked_items import MOST
from stocktrail.projections.models.version import versioned

LOW_STOCK = Table(
    versioned("low_stock"),
    {
        "sku": "TEXT NOT NULL", "pool": "TEXT NOT NULL", "source": "TEXT NOT NULL",
        "basis": "BIGINT NOT NULL", "threshold": "BIGINT NOT NULL", "level": "TEXT NOT NULL",
        "raised_at": "BIGINT NOT NULL", "position": "BIGINT NOT NULL",
    },
    ("sku", "pool", "source"),
)
NOTICE = Table(
    versioned("notice"),
    {
        "position": "BIGINT NOT NULL", "sku": "TEXT NOT NULL", "pool": "TEXT NOT NULL",
        "source": "TEXT NOT NULL", "kind": "TEXT NOT NULL", "basis": "BIGINT NOT NULL",
        "threshold": "BIGINT NOT NULL", "level": "TEXT NOT NULL", "raised_at": "BIGINT NOT NULL",
        "cleared_at": "BIGINT", "cleared_position": "BIGINT", "span_class": "BIGINT NOT NULL",
    },
    ("position", "sku", "pool", "source"),
    ("span_class, position",),
)
MODEL = ReadModel("low_stock", (LOW_STOCK, NOTICE))

MOVES_NO_NOTICE = frozenset({
    "only_x_left_threshold", "min_sale_quantity", "max_sale_quantity", "quantity_increment",
})
"""Settings that low stock does not depend on; any other one may raise a notice of every item."""

Key = tuple[str, str, str]
"""SKU, pool and source; the one that the notice is not about is empty."""


class Judgement(NamedTuple):
    """What an item has somewhere, against the threshold that holds there."""

    basis: int
    threshold: int
    level: str

    @property
    def is_low(self) -> bool:
        """Whether the basis is at or below the threshold."""
        return self.basis <= self.threshold


def judge_pool(stock: ProductStock, settings: Settings, pool: str) -> Judgement | None:
    """Judge the salable quantity of an item in a pool.

    ``None`` when no source of the pool carries the item, or its stock is not managed.
    """
    verdict = stock.verdict(settings, pool)
    if not verdict.is_counted:
        return None
    return Judgement(verdict.salable_quantity, *verdict.policy.notify_below)


def judge_source(stock: ProductStock, settings: Settings, source: str) -> Judgement | None:
    """Judge the units on hand at a source that carries the item.

    ``None`` when no source-level threshold is set there, or stock is not managed.
    """
    threshold = resolve_source_notice(
        stock.in_source.get(source), stock.everywhere, settings.in_source.get(source),
        settings.everywhere,
    )
    if threshold is None or not stock.is_managed(settings):
        return None
    return Judgement(stock.on_hand[source], *threshold)


def _low_in_pool(
    item: Item, settings: Settings, pool: str, available: int
) -> Judgement | None:
    """Return the judgement of :func:`judge_pool` when it is low, from the units available."""
    if item.rules != settings.version:
        item.check_at_or_below.clear()
        item.rules = settings.version
    most = item.check_at_or_below.get(pool)
    if most is None:
        policy, product = item.stock.policy(settings, pool), item.stock.product
        most = item.check_at_or_below[pool] = check_at_or_below(policy, product)
    if available > most:
        return None             # units are available, so a source sells them: judged by the number
    judgement = judge_pool(item.stock, settings, pool)
    return judgement if judgement and judgement.is_low else None


def check_at_or_below(policy: Policy, product: Product) -> int:
    """Return how many units may be available at most before a pool has to be judged.

    Found by asking for the verdict on an item with plenty of units: above this number it is not
    low. If plenty cannot be sold for another reason, every number has to be judged.
    """
    plenty = Figures(True, True, supply=MOST, demand=0, allocated=0, product=product)
    verdict = judge(plenty, policy)
    if not verdict.is_salable:
        return MOST
    threshold = MOST - verdict.salable_quantity
    notify_below: int = policy.notify_below.value
    low = threshold + notify_below
    return low if notify_below < 0 else max(low, 0)


def needs_no_check(item: Item, settings: Settings) -> bool:
    """Return whether an item has more than any threshold in every pool, and no notice to clear."""
    if item.notices or item.rules != settings.version or item.stock.in_source or settings.in_source:
        return False
    at_or_below = item.check_at_or_below
    for pool, available in item.available.items():
        if pool not in at_or_below or available <= at_or_below[pool]:
            return False
    return True


def load_notices(tables: TableSet, cursor: Cursor, items: dict[str, Item]) -> None:
    """Read the notices that are not cleared into their items."""
    for row in tables.table(LOW_STOCK).rows_of(cursor, "sku", list(items)):
        items[row["sku"]].notices[row["pool"], row["source"]] = Notice(
            row["basis"], row["threshold"], row["level"], row["raised_at"], row["position"]
        )


class LowStock:
    """Judges items at the end of commands and groups, and writes the notices that came and went."""

    def __init__(self) -> None:
        self._standing: dict[Key, Notice | None] = {}
        self._raised: list[Values] = []
        self._cleared: list[Row] = []

    def judge(self, item: Item, settings: Settings, last: RecordedEvent) -> bool:
        """Raise and clear the notices of an item after the last event of a command or group.

        Returns whether anything about them changed. ``item.available`` has every pool that can
        matter, also those with no units.
        """
        found: dict[tuple[str, str], Judgement] = {}
        for pool, available in item.available.items():
            if judgement := _low_in_pool(item, settings, pool, available):
                found[pool, ""] = judgement
        if item.stock.in_source or settings.in_source:
            for source in item.stock.on_hand:
                if (judgement := judge_source(item.stock, settings, source)) and judgement.is_low:
                    found["", source] = judgement
        if not found and not item.notices:
            return False
        changed = False
        for where, judgement in found.items():
            changed |= self._stands(item, where, judgement, last)
        for where in [where for where in item.notices if where not in found]:
            self._clear(item, where, last)
            changed = True
        return changed

    def _stands(
        self, item: Item, where: tuple[str, str], judgement: Judgement, last: RecordedEvent
    ) -> bool:
        notice = item.notices.get(where)
        if notice is None:
            notice = Notice(*judgement, last.recorded_at, last.position)
            item.notices[where] = notice
            self._raised.append((
                last.position, item.sku, *where, "low_stock", *judgement, last.recorded_at, None,
                None, STILL_OPEN,
            ))
        elif judgement == (notice.basis, notice.threshold, notice.level):
            return False
        notice.basis, notice.threshold, notice.level = judgement
        self._standing[item.sku, *where] = notice
        return True

    def _clear(self, item: Item, where: tuple[str, str], last: RecordedEvent) -> None:
        notice = item.notices.pop(where)
        self._standing[item.sku, *where] = None
        self._cleared.append({
            "sku": item.sku, "pool": where[0], "source": where[1], "position": notice.position,
            "cleared_at": last.recorded_at, "cleared_position": last.position,
            "span_class": span_class(notice.position, last.position),
        })

    def save(self, tables: TableSet, cursor: Cursor) -> None:
        """Write what came and went since the last time."""
        standing = tables.table(LOW_STOCK)
        standing.put(cursor, (
            (
                *key, notice.basis, notice.threshold, notice.level, notice.raised_at,
                notice.position,
            )
            for key, notice in self._standing.items() if notice is not None
        ))
        standing.take_out(cursor, [key for key, notice in self._standing.items() if notice is None])
        notices = tables.table(NOTICE)
        notices.put(cursor, self._raised)
        if self._cleared:
            cursor.executemany(
                f"UPDATE {notices.name} SET cleared_at = :cleared_at, "
                "cleared_position = :cleared_position, span_class = :span_class "
                f"WHERE {notices.key_condition}",
                self._cleared,
            )
        self._standing.clear()
        self._raised.clear()
        self._cleared.clear()
