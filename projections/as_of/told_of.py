"""Which items an earlier moment has lines of that may be to tell, or were told.

A line is promised as its customer knows unless there was news of it, somebody told them something,
or it rests on a receipt that is overdue. Each leads to the few items there are of it; whoever asks
what was to tell looks at those alone, and at none of the others.

Rule 5.10 is the source.
"""

from datetime import date

from stocktrail.projections.as_of.ledger_as_of import LedgerAsOf
from stocktrail.projections.models.open_spans import OPEN_SPAN, PURCHASE, SALE, open_then
from stocktrail.projections.models.promise_changes import PROMISE_CHANGE
from stocktrail.projections.models.purchase_orders import PURCHASE_LINE
from stocktrail.projections.models.told_customers import TELLING

_LINES = (
    # Crossed, so that SQLite looks up the spans of what was told, and not the other way round.
    "SELECT DISTINCT span.sku FROM {told} AS told CROSS JOIN {span} AS span "
    "WHERE {condition}told.position <= :position AND span.kind = :sale "
    "AND span.reference = told.order_id AND span.line = told.line AND span.since <= :position "
    "AND (span.until IS NULL OR span.until > :position)"
)
_OVERDUE = (
    "SELECT DISTINCT span.sku FROM ({spans}) AS span JOIN {line} AS line "
    "ON line.purchase_order = span.reference AND line.line = span.line "
    "WHERE line.original_expected_date < :today OR line.expected_date < :today OR line.slips > 0"
)


def items_told_of(past: LedgerAsOf, today: date) -> list[str]:
    """Return the items of all lines to tell or told at a moment, and perhaps of some others.

    When a receipt was expected then is not kept, but it was never expected before its first or its
    present date, unless it was put off since.
    """
    tables, cursor, _ = past.now
    span = tables.table(OPEN_SPAN).name
    purchases = " UNION ALL ".join(
        f"SELECT sku, reference, line FROM {span} WHERE kind = :purchase AND {each}"
        for each in open_then(past.position)
    )
    asked = {
        "sale": SALE, "purchase": PURCHASE, "position": past.position, "today": today.isoformat(),
    }
    found: dict[str, None] = {}
    for query in (
        _LINES.format(
            told=tables.table(PROMISE_CHANGE).name, span=span,
            condition="told.notice IS NOT NULL AND ",
        ),
        _LINES.format(told=tables.table(TELLING).name, span=span, condition=""),
        _OVERDUE.format(spans=purchases, line=tables.table(PURCHASE_LINE).name),
    ):
        cursor.execute(query, asked)
        found |= {row["sku"]: None for row in cursor.fetchall()}
    return sorted(found.keys() | _ship_with(past, list(found)))


def _ship_with(past: LedgerAsOf, skus: list[str]) -> set[str]:
    """Return the items of orders that ship complete with a line of one of these items."""
    whole = {
        row["reference"] for row in past.spans(SALE, skus=skus)
        if row["ship_policy"] == "complete"
    }
    return {row["sku"] for row in past.lines_of(sorted(whole)).values()}
