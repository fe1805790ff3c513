"""Pages by plain HTTP: their twins in JSON and CSV, their headers, and any earlier moment."""

import csv
import re
from hashlib import sha256
from importlib.resources import files
from io import StringIO
from pathlib import Path

import pytest

from stocktrail.commands import COMMANDS
from stocktrail.interfaces.dashboard.assets import content_of, fingerprinted, vendored
from stocktrail.interfaces.dashboard.form_fields import fields_of
from tests.interfaces.api.serving import Served
from tests.interfaces.dashboard import csv_headers
from tests.interfaces.dashboard.every_page import every_page, reports


@pytest.fixture(scope="module")
def addresses(busy_shop: Served) -> list[str]:
    """Return the addresses of the pages that are reports."""
    order = busy_shop.ask("/backorders/customer", late="true")["rows"][0]["order"]
    receipt = busy_shop.ask("/backorders/vendor")["rows"][0]["purchase_order"]
    return reports(order, receipt)


def also(address: str, asked: str) -> str:
    """Add to the query of an address."""
    return f"{address}{'&' if '?' in address else '?'}{asked}"


def test_every_page_is_also_json_and_csv(busy_shop: Served, addresses: list[str]) -> None:
    for address in addresses:
        page = busy_shop.client.get(address, headers={"Accept": "text/html"})
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        by_name = busy_shop.client.get(also(address, "format=json"))
        by_header = busy_shop.client.get(address, headers={"Accept": "application/json"})
        assert by_name.json().keys() == by_header.json().keys(), address
        table = busy_shop.client.get(also(address, "format=csv"))
        assert table.headers["content-type"] == "text/csv; charset=utf-8"
        assert next(iter(csv.reader(StringIO(table.text)))), address


def header_of(shop: Served, address: str) -> tuple[str, ...]:
    """Return the header of a page's table in CSV."""
    written = shop.client.get(address, headers={"Accept": "text/csv"})
    assert written.status_code == 200, address
    return tuple(next(csv.reader(StringIO(written.text))))


IS_ABOUT_ONE = re.compile(r"KETTLE|orders/|/view/(customers|vendors)/|/300|receipt=").search
"""Addresses of what an empty shop does not have."""


def test_a_table_has_the_same_header_with_rows_and_without(
    busy_shop: Served, empty_shop: Served, addresses: list[str]
) -> None:
    known = [each for each in vars(csv_headers).values() if isinstance(each, tuple)]
    known += csv_headers.BACKORDERS.values()
    for address in addresses:
        assert header_of(busy_shop, address) in known, address
        if not IS_ABOUT_ONE(address):
            assert header_of(empty_shop, address) == header_of(busy_shop, address), address
    assert header_of(empty_shop, "/view/webhooks") == csv_headers.WEBHOOK


def test_every_page_can_be_asked_as_of_an_earlier_position(
    busy_shop: Served, addresses: list[str]
) -> None:
    ended_at = busy_shop.client.get("/stock?as_of=400").headers["Position"]
    for address in addresses:
        if "orders/" in address or "purchase-orders" in address or "receipt=" in address:
            continue                        # they were placed later
        page = busy_shop.client.get(also(address, "as_of=400"))
        assert page.status_code == 200, address
        assert f"As of position {ended_at}" in page.text, address
        assert "/view/actions" not in page.text, address


def test_a_position_beyond_the_log_is_refused(busy_shop: Served) -> None:
    answer = busy_shop.client.get("/?as_of=3000000")
    assert answer.status_code == 409
    assert "3000000" in answer.text


def test_no_page_lets_anything_foreign_in(busy_shop: Served) -> None:
    for address in every_page(busy_shop):
        answer = busy_shop.client.get(address)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'"), address
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "style=" not in answer.text, address
        assert " onclick=" not in answer.text, address


@pytest.mark.parametrize("folder", [
    Path(str(files("stocktrail.interfaces.dashboard").joinpath("assets"))),
    Path(__file__).parent / "vendored",
])
def test_what_is_vendored_is_what_was_fetched(folder: Path) -> None:
    import json

    for each in json.loads((folder / "vendored.json").read_text("utf-8")).values():
        assert (folder / each["licence_file"]).read_text("utf-8")
        for name, digest in each["sha256"].items():
            assert sha256((folder / name).read_bytes()).hexdigest() == digest, name


def test_assets_are_kept_until_they_change(busy_shop: Served) -> None:
    for each in vendored().values():
        for name in each["sha256"]:
            answer = busy_shop.client.get(fingerprinted(name))
            assert answer.content == content_of(name)
            assert "immutable" in answer.headers["cache-control"]
    assert busy_shop.client.get("/view/assets/..%2Fassets.py").status_code == 404


def test_every_command_is_an_action_with_a_form(busy_shop: Served) -> None:
    rows = busy_shop.client.get("/view/actions?format=json").json()["rows"]
    assert {row["command"] for row in rows} == set(COMMANDS)
    for name, model in COMMANDS.items():
        form = busy_shop.client.get(f"/view/actions/{name}").text
        for field in fields_of(model):
            if field.kind != "parts":
                assert f'name="{field.name}"' in form, (name, field.name)
