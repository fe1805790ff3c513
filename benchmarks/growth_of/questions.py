"""Every question, now and of a moment, as it is measured: none costs more in a longer log."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from benchmarks.growth_of.costs import Cost, cost_of
from benchmarks.growth_of.subjects import MOMENTS, Subjects, filled_in
from stocktrail.interfaces.every_question import question_named
from stocktrail.ledger.refusal import Refusal
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.question import Question

Fields = Mapping[str, Any]

MEASURED: Mapping[str, Sequence[Fields]] = {
    "availability": ({"sku": "{hot}", "quantity": "4"},),
    "backlog": ({}, {"item": "{hot}"}),
    "backorders": (
        {"by": "item"}, {"by": "customer"}, {"by": "vendor"}, {"by": "customer", "item": "{hot}"},
        {"by": "customer", "late": True}, {"by": "item", "uncovered": True, "sort": "-uncovered"},
    ),
    "customer": ({"customer": "{customer}"},),
    "customer-overview": ({"customer": "{customer}"},),
    "customers": ({"limit": 50},),
    "deliveries": (),
    "diff": ({"from": "{recently}"},),
    "explain-order": ({"order": "{order}"},),
    "explain-promise": ({"order": "{order}", "line": "{line}"},),
    "explain-stock": ({"sku": "{hot}"}, {"sku": "{item}"}),
    "flow": ({"sku": "{hot}"},),
    "hindsight": ({"moment": "{lately}"},),
    "history": ({"sku": "{hot}", "limit": 100}, {"sku": "{item}", "limit": 100}),
    "latest-events": ({}, {"type": "PurchaseOrderDelayed"}, {"stream": "stock/I00000"}),
    "latest-notices": ({},),
    "low-stock": ({"limit": 100},),
    "movements": ({"sku": "{hot}", "limit": 100},),
    "notices": ({"limit": 100},),
    "order": ({"order": "{order}"},),
    "orders": (
        {"limit": 50}, {"limit": 50, "facets": ["late"]},
        {"limit": 50, "q": "55", "sort": "customer"}, {"limit": 50, "as_of": "{recently}"},
    ),
    "overview": ({},),
    "pick-list": ({},),
    "pools": ({"limit": 50},),
    "products": (
        {}, {"sort": "-backordered"}, {"q": "Article 77"}, {"facets": ["low_stock"]},
    ),
    "promise": ({"sku": "{hot}", "quantity": "40"},),
    "purchase-lines": ({"limit": 50},),
    "purchase-order": ({"purchase_order": "{purchase_order}"},),
    "purchase-orders": ({"limit": 50}, {"limit": 50, "facets": ["waited_for"]}),
    "ready-to-ship": ({"limit": 50},),
    "receipt": (),
    "replay": ({"sku": "{item}"},),
    "replenishment": ({"limit": 50},),
    "search": ({"text": "55"},),
    "sent-notices": ({"limit": 100},),
    "setting-table": ({}, {"sku": "{hot}"}),
    "settings": (),
    "settings-list": ({"limit": 50},),
    "sources": ({"limit": 50},),
    "stock": ({"sku": "{hot}"},),
    "stock-chart": ({"sku": "{hot}"},),
    "stock-list": ({"limit": 100},),
    "to-tell": ({}, {"late": True}),
    "vendor": (),
    "vendors": ({"limit": 50},),
    "webhooks": ({},),
}
"""By question, what it is asked with. Deliveries need a webhook, which this shop has not."""

GROWS = {"diff"}
"""Questions that touch so many lines as they are long: what changed in a part of the log."""


def measured_questions(models: ReadModels, subjects: Subjects) -> Iterator[tuple[str, Cost]]:
    """Measure every question now, at moments of the past, and by the trade's clock."""
    for name, variants in MEASURED.items():
        question = question_named(name)
        for variant in variants:
            fields = filled_in(variant, subjects)
            asked = " ".join([name, *(f"{key}={value}" for key, value in variant.items())])
            moments: list[tuple[str, Fields]] = [("", {})]
            if "as_of" in question.model_fields:
                moments += [(f" as of {part:.0%}", {"as_of": str(subjects[f"at {part:.0%}"])})
                            for part in MOMENTS]
            if "occurred_as_of" in question.model_fields:
                moments += [
                    (f" occurred by {part:.0%}", {"occurred_as_of": subjects[f"day {part:.0%}"]})
                    for part in MOMENTS
                ]
            for moment, more in moments:
                each = question.model_validate({**fields, **more})
                yield asked + moment, cost_of(partial(_answer, each, models, is_past=bool(moment)))


def _answer(question: Question[Any], models: ReadModels, *, is_past: bool) -> None:
    """Answer a question; what is open today may not have been there in the past."""
    try:
        question.answer(models)
    except Refusal as refusal:
        if not is_past or not refusal.code.startswith("unknown_"):
            raise
