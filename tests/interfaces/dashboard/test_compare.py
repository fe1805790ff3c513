"""Compare over plain HTTP: what changed between two moments, figure by figure."""

import re
from html import unescape

import pytest

from stocktrail.interfaces.dashboard import compare_pages
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.diff import difference
from tests.interfaces.api.serving import Served


def test_every_figure_that_changed_is_a_row(busy_shop: Served) -> None:
    report = busy_shop.client.get("/view/compare?from=780&to=856&format=json").json()
    models = ReadModels(busy_shop.service.ledger)
    found = difference(models, report["from"], report["to"])
    figures = sum(
        len(row["changes"]) for table in ("stock", "orders", "backorders") for row in found[table]
    )
    assert report["total"] == len(report["rows"]) == figures
    assert report["events"] == report["to"] - report["from"]
    table = busy_shop.client.get("/view/compare?from=780&to=856&format=csv").text
    assert len(table.splitlines()) == figures + 1


def test_without_moments_it_goes_from_yesterday_until_now(busy_shop: Served) -> None:
    report = busy_shop.client.get("/view/compare?format=json").json()
    assert report["from"] == 0, "all of the busy shop was recorded today"
    assert report["to"] == busy_shop.service.ledger.head().position
    past = busy_shop.client.get("/view/compare?as_of=700&format=json").json()
    assert past["to"] <= 702


def test_moments_too_far_apart_are_told(
    busy_shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compare_pages, "MOST_EVENTS", 50)
    page = busy_shop.client.get("/view/compare?from=700")
    assert page.status_code == 200
    assert "too many to compare on a page" in page.text
    answer = busy_shop.client.get("/view/compare?from=700&format=json")
    assert (answer.status_code, answer.json()["code"]) == (422, "too_far_apart")


def test_a_moment_that_is_none_is_refused(busy_shop: Served) -> None:
    answer = busy_shop.client.get("/view/compare?from=never&format=json")
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_moment")
    answer = busy_shop.client.get("/view/compare?to=99999999&format=json")
    assert answer.json()["code"] == "unknown_position"
    assert busy_shop.client.get(f"/view/compare?to={'9' * 80}&format=json").status_code == 422


def test_a_promise_is_explained_by_line_and_by_quantity(busy_shop: Served) -> None:
    row = busy_shop.ask("/backorders/customer", waiting="true")["rows"][0]
    page = busy_shop.client.get(f"/view/orders/{row['order']}/lines/{row['line']}/why").text
    said = busy_shop.ask(f"/explain/promise/{row['order']}/{row['line']}")["sentences"]
    assert said[0] in unescape(re.sub("<[^>]+>", "", page))
    order = busy_shop.client.get(f"/view/orders/{row['order']}").text
    assert f"/view/orders/{row['order']}/lines/{row['line']}/why" in order
    asked = f"/stock/{row['sku']}/promise"
    report = busy_shop.ask(asked, quantity=3)
    page = busy_shop.client.get(f"/view/items/{row['sku']}/promise?quantity=3").text
    assert all(step["date"] in page for step in report["steps"])
    refused = busy_shop.client.get(f"/view/items/{row['sku']}/promise?quantity=x&format=json")
    assert refused.status_code == 422
