"""Lines that are read from their rows hold what they have in common once."""

from datetime import date
from typing import Any

from stocktrail.ledger.stock.open_lines import OpenLine
from stocktrail.projections.models.open_line_rows import line_row, read_line
from stocktrail.projections.models.open_lines import OPEN_LINE
from stocktrail.projections.models.promised_lines import PromisedLine


def as_read(row: Any) -> dict[str, Any]:
    """Return a row as a database does: each of its texts for itself."""
    return {
        name: "".join(list(value)) if isinstance(value, str) else value
        for name, value in zip(OPEN_LINE.columns, row, strict=True)
    }


def test_lines_share_the_texts_that_are_the_same() -> None:
    requested = date(2026, 3, 20)
    line = PromisedLine(
        OpenLine("SO-1", 1, "main pool", 3, 0, 0, requested, 7),
        "an item", "a customer", "partial", 7, date(2026, 3, 1),
    )
    one, other = (read_line(as_read(line_row(line))) for _ in range(2))
    assert one == other == line
    assert one.sku is other.sku
    assert one.customer is other.customer
    assert one.ship_policy is other.ship_policy
    assert one.pool is other.pool
