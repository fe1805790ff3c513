"""Items: the lines of a file by what they are about, each item and each of its sources once."""

from collections.abc import Iterable

from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.remedies import ADD_UP_ROWS
from stocktrail.interfaces.importing.stock.stock_line import StockLine
from stocktrail.ledger.spelling import composed

_ALIKE_EVERYWHERE = (
    "unit", "decimal", "manage_stock", "backorders", "out_of_stock_threshold",
)


class ItemLines:
    """What a file says of one item: in all its lines, and at each source that one is about."""

    def __init__(self, sku: str) -> None:
        self.sku = sku
        self.lines: list[StockLine] = []
        self.at: dict[str, StockLine] = {}

    @property
    def row(self) -> int:
        """The first row about it."""
        return self.lines[0].row

    def said(self, field: str) -> StockLine | None:
        """Return the first line that says something of a field."""
        return next((line for line in self.lines if getattr(line, field) not in (None, "")), None)


def items_of(
    lines: Iterable[StockLine], findings: Findings, *, adds_up: bool = False
) -> list[ItemLines]:
    """Gather lines by item, in the order of the file.

    An item that stands twice at a source with the same values is said; with different ones nobody
    knows which holds, and the item is found wrong (``ambiguous_sku``). Where somebody said that
    such lines add up, as shelves and lots do, their quantities are added.
    """
    items: dict[str, ItemLines] = {}
    wrong: set[str] = set()
    for line in lines:
        sku = composed(line.sku)
        item = items.setdefault(sku, ItemLines(sku))
        line = line._replace(sku=sku, source=_source_of(line))
        if not (adds_up and _added(item, line)) and not _fits(item, line, findings):
            wrong.add(sku)
    return [item for sku, item in items.items() if sku not in wrong]


def _source_of(line: StockLine) -> str | None:
    """Return the source that a line is about; a quantity without one is at the default source."""
    if line.source:
        return composed(line.source)
    return "default" if line.quantity is not None or line.status is not None else None


def _added(item: ItemLines, line: StockLine) -> bool:
    """Add the quantity of a line to the one before it that says the same otherwise, if one does.

    Variants that share a SKU may have names of their own.
    """
    before = item.at.get(line.source) if line.source else None
    if before is None or before.quantity is None or line.quantity is None:
        return False
    if before._replace(row=line.row, quantity=line.quantity, name=line.name) != line:
        return False
    total = before._replace(quantity=before.quantity + line.quantity)
    item.lines[item.lines.index(before)] = item.at[total.source or ""] = total
    return True


def _fits(item: ItemLines, line: StockLine, findings: Findings) -> bool:
    """Add a line to its item; return whether it can hold together with those before it."""
    at_source = item.at.get(line.source) if line.source else None
    if at_source is not None and at_source.row != line.row:
        if at_source._replace(row=line.row) == line:
            findings.note(
                line.row, "repeated_sku",
                f"{line.sku} stands in row {at_source.row:,} already, with the same values; "
                "counted once.",
            )
            return True
        return _contradicts(line, at_source, _differing(line, at_source), findings)
    for field in _ALIKE_EVERYWHERE:
        before = item.said(field)
        if before is not None and getattr(line, field) not in (None, "", getattr(before, field)):
            return _contradicts(line, before, field, findings)
    named = item.said("name")
    if named is not None and line.name not in ("", named.name):
        findings.note(line.row, "other_name", f"{line.sku} has the name of row {named.row:,}.")
    item.lines.append(line)
    if line.source:
        item.at[line.source] = line
    return True


def _differing(line: StockLine, before: StockLine) -> str:
    return next(
        field for field in (*StockLine._fields[3:], "name")
        if getattr(line, field) != getattr(before, field)
    )


def _contradicts(line: StockLine, before: StockLine, field: str, findings: Findings) -> bool:
    findings.wrong(
        line.row, "ambiguous_sku",
        f"{line.sku} stands in row {before.row:,} too, with another {field.replace('_', ' ')}. An "
        "item stands once, or once for each source: delete one of the rows, or "
        f"{ADD_UP_ROWS.said()}.",
    )
    return False
