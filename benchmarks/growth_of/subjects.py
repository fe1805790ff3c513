"""What a ledger is asked about: the hottest item, an ordinary one, and what is open now."""

from collections.abc import Mapping
from typing import Any

from stocktrail.ledger.instant import to_iso
from stocktrail.ledger.store import Ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.backorders import Backorders
from stocktrail.projections.questions.hindsight import MOST_EVENTS as MOST_IN_HINDSIGHT
from stocktrail.projections.questions.purchase_order import purchase_order

Subjects = Mapping[str, Any]
"""Names and moments, by what stands for them in braces in a measured question."""

MOMENTS = (0.2, 0.5, 0.98)
"""The moments of the past that are asked about, as parts of the log."""


def subjects_of(ledger: Ledger) -> dict[str, Any]:
    """Find what to ask about: something that waits, something owed, and moments of the past."""
    models = ReadModels(ledger)
    models.catch_up()
    waits = Backorders(by="customer", waiting=True, limit=1).answer(models)["rows"][0]
    owed = Backorders(by="vendor", waiting=True, limit=1).answer(models)["rows"][0]
    head = ledger.head().position
    found: dict[str, Any] = {
        "hot": "I00000", "item": waits["sku"], "order": waits["order"], "line": waits["line"],
        "customer": waits["customer"], "purchase_order": owed["purchase_order"],
        "vendor": purchase_order(models, owed["purchase_order"])["vendor"],
        "open_lines": Backorders(by="customer", limit=1).answer(models)["total"], "head": head,
        "recently": head - head // 50, "lately": head - min(head // 50, MOST_IN_HINDSIGHT),
        "today": "2026-11-28",
    }
    for part in MOMENTS:
        at = int(head * part)
        found[f"at {part:.0%}"] = at
        found[f"day {part:.0%}"] = _day(ledger, at)
    return found


def _day(ledger: Ledger, position: int) -> str:
    return to_iso(ledger.read(position - 1, 1)[0].occurred_at)[:10]


def filled_in(fields: Mapping[str, Any], subjects: Subjects) -> dict[str, Any]:
    """Return fields with their subjects in place of the names in braces.

    >>> filled_in({"sku": "{hot}", "limit": 2}, {"hot": "A"})
    {'sku': 'A', 'limit': 2}
    """
    return {
        name: subjects[value[1:-1]] if isinstance(value, str) and value.startswith("{") else value
        for name, value in fields.items()
    }
