"""Whatever happens: a page of a view of the past has the rows that all of its items say it has."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from stocktrail.projections.answers.backorder_views import page_then, touched
from stocktrail.projections.answers.backorder_views.filters import Filters
from stocktrail.projections.questions.backorders import View, backorders
from tests.projections.purchasing import DAY_0, Purchasing
from tests.projections.test_every_promise_whatever_happens import histories
from tests.projections.test_promises_whatever_happens import shop_of_its_own

_EVERY_FILTER: dict[View, tuple[dict[str, Any], ...]] = {
    "customer": (
        {"late": True}, {"waiting": True, "pool": "EU"}, {"slipped": True}, {"uncertain": True},
        {"uncovered": True}, {"cutoff": DAY_0 + timedelta(days=3), "source": "default"},
    ),
    "vendor": (
        {"waiting": True, "overdue": True}, {"late": True}, {"uncertain": True},
        {"cutoff": DAY_0 + timedelta(days=3)}, {"pool": "EU"},
    ),
    "item": ({"waiting": True}, {"uncovered": True}, {"uncertain": True}, {}),
}


def columns(by: str) -> list[str]:
    """Return what pages of a view are sorted by that are found from all lines at once."""
    known = {
        "customer": page_then._LINES, "vendor": page_then._RECEIPTS,
        "item": ("sku", "backordered"),
    }[by]
    return [sign + name for name in known for sign in ("", "-")]


def pages(shop: Purchasing, position: int, number: int) -> list[Any]:
    """Ask for two pages of each view, filter by filter, each sorted by another column."""
    found: list[Any] = []
    for by, every in _EVERY_FILTER.items():
        for given_filters in every:
            number += 1
            sort = columns(by)[number % len(columns(by))]
            asked: dict[str, Any] = {
                "filters": Filters(**given_filters), "sort": sort, "limit": 1, "as_of": position,
                "today": DAY_0 + timedelta(days=shop.today + number % 4),
            }
            page = backorders(shop.models, by, **asked)
            found.append(page)
            if page["next"] is not None:
                found.append(
                    backorders(shop.models, by, after=page["next"], **asked)
                )
    return found


def play(shop: Purchasing, drawn: list[tuple[int, dict[str, Any]]]) -> None:
    """Play a history, and compare pages at some positions with those of whole items."""
    positions = []
    for passed, wished in drawn:
        shop.on_day(shop.today + passed)
        positions.append(shop.try_together([wished])[1])
    shop.send("count-stock", sku="A", counted=50)
    for number, position in enumerate({*positions[2::4], positions[-1]}):
        answered = pages(shop, position, 7 * number)
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setattr(touched, "items_of_page", lambda *_: None)
            assert pages(shop, position, 7 * number) == answered


@settings(max_examples=4)
@given(histories)
def test_pages_of_the_past_are_those_of_whole_items(
    drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    with shop_of_its_own() as shop:
        play(shop, drawn)


@settings(max_examples=1, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories)
def test_pages_of_one_shop(
    purchasing: Purchasing, drawn: list[tuple[int, dict[str, Any]]],
) -> None:
    purchasing.send("register-product", sku="B")
    purchasing.send("define-pool", pool="EU", sources=["default"])
    play(purchasing, drawn)
