"""Shopify's files: the inventory (one row a location, or one column a location) and the products.

An image has a row of its own in the file of products, without a variant. *On hand (new)* is what
somebody typed to replace *On hand (current)*. *Committed* is what open orders wait for: it is on
hand, and the orders' business. *Available* alone says less than what is on hand.
"""

from collections.abc import Iterator

from stocktrail.interfaces.importing.fields import Field, comparable
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.header import Layout
from stocktrail.interfaces.importing.numbers import DecimalMark
from stocktrail.interfaces.importing.records import Record, records_of
from stocktrail.interfaces.importing.stock.reading import (
    BACKORDERS,
    mapped_of,
    note_left_after_orders,
    note_no_quantity,
    quantity_of,
    sku_of,
    with_mapped,
    without_sku,
)
from stocktrail.interfaces.importing.stock.stock_line import UNNAMED, StockLine

_NOT_EDITABLE = " (not editable)"
_NOT_STOCKED = "not stocked"
_OPTIONS = ("option1", "option2", "option3")

FIELDS = (
    *(
        field._replace(columns=("Variant SKU", "SKU")) if field.name == "sku"
        else field._replace(columns=("Location",)) if field.name == "source" else field
        for field in UNNAMED
    ),
    Field("handle", "the product", ("Handle", "URL handle")),
    Field("title", "its name", ("Title",)),
    *(
        Field(option, "an option of the variant", (f"{option.capitalize()} Value",))
        for option in _OPTIONS
    ),
    Field("price", "only variants have one", ("Variant Price", "Price")),
    Field("on_hand_new", "what is to be on hand", ("On hand (new)",), "number"),
    Field(
        "on_hand", "what is on hand",
        tuple(
            name + ending for name in ("On hand (current)", "On hand")
            for ending in (_NOT_EDITABLE, "")
        ), "number",
    ),
    *(
        Field(name.lower(), "a part of what is on hand", (name + _NOT_EDITABLE, name), "number")
        for name in ("Available", "Committed", "Unavailable")
    ),
    Field("tracker", "who counts it", ("Variant Inventory Tracker", "Inventory tracker")),
    Field(
        "inventory", "what is available", ("Variant Inventory Qty", "Inventory quantity"), "number"
    ),
    Field(
        "policy", "whether it is sold beyond",
        ("Variant Inventory Policy", "Continue selling when out of stock"),
    ),
)

SIGNATURES = (
    ("handle", "variant sku"), ("handle", "sku", "location"), ("handle", "sku", "coo"),
    ("url handle", "sku"), ("title", "sku", "inventory tracker"),
    ("sku", "location", "on hand current"),
)
"""Headings that only Shopify's files have together."""

_LAST_BEFORE_LOCATIONS = ("coo", "hs code", "sku")
_NO_LOCATIONS = frozenset(("bin name", "incoming", "incoming not editable", "hs code", "coo"))


def read_shopify(
    layout: Layout, findings: Findings, mark: DecimalMark | None
) -> Iterator[StockLine]:
    """Yield a line for each variant, at each location that stocks it."""
    locations = _locations_in_columns(layout)
    titles: dict[str, str] = {}
    for record in records_of(layout, findings, mark):
        with findings.of(record.row):
            title = record.text("title") or titles.get(record.text("handle"), "")
            titles.setdefault(record.text("handle"), title)
            sku = sku_of(record)
            if sku:
                mapped = mapped_of(record, layout, findings)
                lines = list(_lines_of(record, layout, findings, sku, title, locations))
                yield from (with_mapped(line, mapped) for line in lines)
            elif _is_variant(record, layout):
                without_sku(findings, record.row)
            else:
                findings.note(record.row, "no_variant", "no variant, only a picture; left out.")


def _lines_of(
    record: Record, layout: Layout, findings: Findings, sku: str, title: str,
    locations: dict[str, str],
) -> Iterator[StockLine]:
    item = StockLine(
        record.row, sku, _name_of(record, title),
        backorders=record.choice("policy", BACKORDERS),
    )
    if layout.has("tracker") and not layout.has("manage_stock"):
        is_counted = bool(record.text("tracker"))
        item = item._replace(manage_stock="on" if is_counted else "off")
        if not is_counted:
            yield item
            return
    if locations:
        for column, location in locations.items():
            if _is_stocked(record, column):
                quantity = quantity_of(record, column, findings)
                yield item._replace(source=location, quantity=quantity)
            else:
                yield item
        return
    field = _quantity_field(record, layout)
    if field is None or not _is_stocked(record, field):
        if field is None and not layout.has("quantity"):
            note_no_quantity(findings, record.row)
        yield item
        return
    quantity = quantity_of(record, field, findings)
    if field == "available" and layout.has("committed"):
        kept = [record.number(part) or 0 for part in ("committed", "unavailable")]
        available = record.number(field) or 0
        quantity = max(available + sum(kept), 0)
    elif field in ("available", "inventory"):
        note_left_after_orders(findings, layout.heading(field))
    elif (record.number("unavailable") or 0) > 0:
        findings.note(
            record.row, "unavailable",
            "Shopify keeps some of what is on hand from being sold (Unavailable); here all of it "
            "is for sale. Adjust it off, or keep it back with an out_of_stock threshold.",
        )
    yield item._replace(source=record.text("source") or "default", quantity=quantity)


def _quantity_field(record: Record, layout: Layout) -> str | None:
    """Return the field that says what is on hand: the newest of those that are filled."""
    fields = ("on_hand_new", "on_hand", "available", "inventory")
    return next((field for field in fields if layout.has(field) and record.text(field)), None)


def _is_stocked(record: Record, field: str) -> bool:
    return bool(record.text(field)) and comparable(record.text(field)) != _NOT_STOCKED


def _is_variant(record: Record, layout: Layout) -> bool:
    return not layout.has("inventory") or any(
        record.text(field) for field in ("price", "inventory", "tracker", "option1")
    )


def _name_of(record: Record, title: str) -> str:
    options = [
        text for text in map(record.text, _OPTIONS) if text and text.lower() != "default title"
    ]
    return f"{title} - {' / '.join(options)}" if title and options else title


def _locations_in_columns(layout: Layout) -> dict[str, str]:
    """Return the columns that are locations, as earlier exports of the inventory have them.

    They stand behind those that say what the item is. Without a handle it is no such export.
    """
    if not layout.has("handle") or layout.has("source") or any(
        layout.has(field) for field in ("on_hand_new", "on_hand", "available", "inventory",
                                        "tracker", "quantity")
    ):
        return {}
    headings = [comparable(heading) for heading in layout.headings]
    start = next(
        (headings.index(name) + 1 for name in _LAST_BEFORE_LOCATIONS if name in headings),
        len(headings),
    )
    found = {}
    for place in range(start, len(headings)):
        heading = layout.headings[place]
        if heading and headings[place] not in _NO_LOCATIONS and heading in layout.ignored:
            field = f"location {place}"
            layout.add(Field(field, "a location", kind="number"), place)
            found[field] = heading
    return found
