"""The list of pools: which sources each sells from, and how many of its items are short or low."""

from collections.abc import Mapping
from typing import Any, ClassVar

from stocktrail.projections.answers.backorder_views.by_customer import WAITS
from stocktrail.projections.answers.lines_then import LACKS, lines_then, managed_otherwise
from stocktrail.projections.answers.lists.definition import COUNT, TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import RowsInMemory
from stocktrail.projections.answers.shapes.shape import Shape
from stocktrail.projections.as_of import LedgerAsRecorded
from stocktrail.projections.as_of.all_items import AllItems
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.low_stock import LOW_STOCK
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.parked_items import PARKED_ITEM
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import AsOf, Example, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels


class PoolOfList(Shape):
    """A pool of the list: its sources in their order, and how many items are backordered or low."""

    pool: str
    name: str | None
    sources: list[str]
    items_backordered: int
    items_low: int
    backordered: bool
    low_stock: bool


class PoolsReport(ListReport):
    """A page of the list of pools."""

    rows: list[PoolOfList]


class PoolList(Listed, AsOf, Question[PoolsReport]):
    """Pools: the sources each sells from, and how many of its items are short or low."""

    question: ClassVar[str] = "pools"
    example: ClassVar[Example] = {"limit": 1}
    definition: ClassVar[ListDefinition] = ListDefinition(
        "pools",
        key=("pool",),
        columns={"pool": TEXT, "name": TEXT, "items_backordered": COUNT, "items_low": COUNT},
        facets=("backordered", "low_stock"),
        searched=("pool", "name"),
    )

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page."""
        wanted = self.wanted
        with open_as_of(models, self.position(models)) as (reading, past):
            if isinstance(past, LedgerAsRecorded):
                settings, position = past.settings, past.position
                waiting, low = _then(past, list(settings.pools))
            else:
                settings, position = load_settings(reading.place, reading.cursor), reading.position
                waiting = _counted(reading, OPEN_LINE.name, f"{WAITS}")
                low = _counted(reading, LOW_STOCK.name, "pool <> ''")
            rows: list[dict[str, Any]] = []
            for pool, sources in settings.pools.items():
                short, few = waiting.get(pool, 0), low.get(pool, 0)
                rows.append({
                    "pool": pool, "name": settings.names.get(f"pool/{pool}"),
                    "sources": list(sources), "items_backordered": short, "items_low": few,
                    "backordered": short > 0, "low_stock": few > 0,
                })
            return self.listed(RowsInMemory(wanted, rows), as_of=position)


def _counted(reading: Reading, table: str, condition: str) -> Mapping[str, int]:
    """Count the items of each pool of which a row meets a condition, but those that are parked."""
    reading.cursor.execute(
        f"SELECT pool, COUNT(DISTINCT sku) AS found FROM {table} WHERE {condition} "
        f"AND sku NOT IN (SELECT sku FROM {reading.place.table(PARKED_ITEM).name}) GROUP BY pool"
    )
    return {row["pool"]: row["found"] for row in reading.cursor.fetchall()}


def _then(
    past: LedgerAsRecorded, pools: list[str]
) -> tuple[Mapping[str, int], Mapping[str, int]]:
    items = AllItems(past)
    parked, others = {each.sku for each in items.parked}, set(managed_otherwise(past))
    is_managed = past.settings.manages(None)
    waiting: dict[str, int] = {}
    lacking = lines_then(past, "DISTINCT span.pool AS pool, span.sku AS sku", f"WHERE {LACKS} = 1")
    for row in lacking:
        if row["sku"] not in parked and (row["sku"] in others) is not is_managed:
            waiting[row["pool"]] = waiting.get(row["pool"], 0) + 1
    return waiting, {pool: len(items.low(pool) - parked) for pool in pools}
