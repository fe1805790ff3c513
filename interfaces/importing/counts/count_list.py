"""The list that came back from a count: items, where they were counted, and how many were found."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from stocktrail.interfaces.importing.cell_values import moment_in_zone
from stocktrail.interfaces.importing.dates import DateOrder
from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.findings import BadCell, Findings
from stocktrail.interfaces.importing.header import Layout, judge_header
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.plan import digest_of
from stocktrail.interfaces.importing.records import Record
from stocktrail.interfaces.importing.remedies import ADD_UP_SHELVES
from stocktrail.interfaces.importing.table_file import read_table
from stocktrail.ledger.quantity import to_text
from stocktrail.ledger.spelling import composed

FIELDS = (
    Field("sku", "the item", (
        "sku", "Item", "Item no", "Item number", "Item code", "Article", "Article no",
        "Article number", "Part number", "Product code",
    )),
    Field("source", "where it was counted", ("source", "Warehouse", "Location", "Site", "Store")),
    Field("counted", "how many were found", (
        "counted", "Count", "Counted qty", "Counted quantity", "Quantity counted", "Qty counted",
        "Physical count", "Physical", "Found", "Actual", "Quantity", "Qty", "On hand (new)",
    ), "number"),
    Field("counted_at", "when it was counted", ("Counted at", "Counted on", "Count date")),
    Field("counted_by", "who counted", ("Counted by", "Counter")),
    Field("reason", "why it was counted"),
)


class CountFile(NamedTuple):
    """A file of counts, and what was said about it.

    ``counted_at`` is when the rows were counted that do not say it, ``add_up`` that rows of one
    item are of several shelves, ``rest_is_nothing`` that what is not listed was not found.
    """

    data: bytes
    name: str
    maps: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    decimal: DecimalMark | None = None
    dates: DateOrder | None = None
    encoding: str | None = None
    sheet: str | None = None
    counted_at: datetime | None = None
    add_up: bool = False
    rest_is_nothing: bool = False

    @property
    def digest(self) -> str:
        """A digest of the file and of all that gives it its meaning."""
        return digest_of(self._replace(data=b"", name=""), self.data)

    @property
    def layout(self) -> Layout:
        """Which column is which field; raises ``BadFile`` where the file cannot be read."""
        table = read_table(self.data, self.name, encoding=self.encoding, sheet=self.sheet)
        return judge_header(
            table, FIELDS, maps=self.maps, sets=self.sets, required=("sku", "counted")
        )


class CountedItem(NamedTuple):
    """How many of an item were found at a source, in ten-thousandths; ``row`` where it is said."""

    row: int | None
    sku: str
    source: str
    counted: int
    counted_at: datetime | None = None
    counted_by: str | None = None
    reason: str | None = None


def counted_items(
    records: Iterable[Record], file: CountFile, zone: str, findings: Findings
) -> list[CountedItem]:
    """Return what was counted, in the order of the file; what is wrong with rows becomes findings.

    A row without a number was not counted: nothing is not none. An item that stands twice is
    refused unless its rows add up: they may be two shelves, or two people who do not agree.
    """
    found: dict[tuple[str, str], CountedItem] = {}
    for record in records:
        with findings.of(record.row):
            item = _counted_item(record, file, zone, findings)
            if item is None:
                continue
            key = (item.sku, item.source)
            former = found.get(key)
            if former is not None and not file.add_up:
                raise BadCell(
                    "counted_twice",
                    f"{item.sku} was counted at {item.source} in row {former.row:,} already: "
                    f"{to_text(former.counted)} there, {to_text(item.counted)} here. Keep the row "
                    f"that holds, or {ADD_UP_SHELVES.said()}.",
                )
            found[key] = item if former is None else former._replace(
                counted=former.counted + item.counted
            )
    return list(found.values())


def _counted_item(
    record: Record, file: CountFile, zone: str, findings: Findings
) -> CountedItem | None:
    sku = composed(record.text("sku"))
    counted = record.number("counted")
    if not sku:
        if counted is not None:
            findings.note(record.row, "no_sku", "names no SKU, and is left out.")
        return None
    if counted is None:
        findings.note(record.row, "not_counted", "has no number: the item was not counted.")
        return None
    if counted < 0:
        raise BadCell("negative", f"{to_text(counted)} of {sku} cannot have been counted.")
    return CountedItem(
        record.row, sku, record.text("source") or "default", counted,
        moment_in_zone(record, "counted_at", file.dates, zone) or file.counted_at,
        record.text("counted_by") or None, record.text("reason") or None,
    )
