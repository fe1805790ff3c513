"""The list of sources: what each has, is to get, and which pools it serves."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, ClassVar

from stocktrail.projections.answers.lists.definition import COUNT, TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import RowsInMemory
from stocktrail.projections.answers.shapes.shape import Shape
from stocktrail.projections.as_of import LedgerAsRecorded
from stocktrail.projections.as_of.all_items import AllItems
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.purchase_orders import OPEN_RECEIPT
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.models.stock_levels import SOURCE_ITEM
from stocktrail.projections.questions.listed import Listed, ListReport
from stocktrail.projections.questions.question import AsOf, Example, Question, Report
from stocktrail.projections.read_models import Reading, ReadModels


class SourceOfList(Shape):
    """A source of the list: of how many items it has units, and how many lines are to come."""

    source: str
    name: str | None
    pools: list[str]
    items_there: int
    lines_to_come: int
    enabled: bool
    disabled: bool
    serves_no_pool: bool


class SourcesReport(ListReport):
    """A page of the list of sources."""

    rows: list[SourceOfList]


class SourceList(Listed, AsOf, Question[SourcesReport]):
    """Sources: what each has, is to get, and which pools it serves."""

    question: ClassVar[str] = "sources"
    example: ClassVar[Example] = {"limit": 1}
    definition: ClassVar[ListDefinition] = ListDefinition(
        "sources",
        key=("source",),
        columns={"source": TEXT, "name": TEXT, "items_there": COUNT, "lines_to_come": COUNT},
        facets=("enabled", "disabled", "serves_no_pool"),
        searched=("source", "name"),
        totals=("lines_to_come",),
    )

    def answer(self, models: ReadModels) -> Report:
        """Find a page; refuses an unknown position, facet, column or page."""
        wanted = self.wanted
        with open_as_of(models, self.position(models)) as (reading, past):
            if isinstance(past, LedgerAsRecorded):
                settings, position = past.settings, past.position
                there, to_come = _there_then(past, sorted(settings.sources)), _to_come_then(past)
            else:
                settings, position = load_settings(reading.place, reading.cursor), reading.position
                there = _counted(reading, SOURCE_ITEM.name, "source", "WHERE on_hand > 0")
                to_come = _counted(reading, OPEN_RECEIPT.name, "destination")
            rows: list[dict[str, Any]] = []
            for source in settings.sources:
                pools = sorted(
                    pool for pool in settings.pools if source in settings.sources_of(pool)
                )
                enabled = source not in settings.disabled
                rows.append({
                    "source": source, "name": settings.names.get(f"source/{source}"),
                    "pools": pools, "items_there": there.get(source, 0),
                    "lines_to_come": to_come.get(source, 0), "enabled": enabled,
                    "disabled": not enabled, "serves_no_pool": not pools,
                })
            return self.listed(RowsInMemory(wanted, rows), as_of=position)


def _counted(reading: Reading, table: str, column: str, where: str = "") -> Mapping[str, int]:
    reading.cursor.execute(
        f"SELECT {column} AS source, COUNT(*) AS found FROM {table} {where} GROUP BY {column}"
    )
    return {row["source"]: row["found"] for row in reading.cursor.fetchall()}


def _there_then(past: LedgerAsRecorded, sources: list[str]) -> Mapping[str, int]:
    items = AllItems(past)
    return {source: len(items.on_hand([source])) for source in sources}


def _to_come_then(past: LedgerAsRecorded) -> Mapping[str, int]:
    return Counter(each.receipt.source for each in past.every_receipt)
