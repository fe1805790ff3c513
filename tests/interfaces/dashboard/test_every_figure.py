"""Every figure that is a link is that of the list it leads to, wherever it stands, in any shop.

A count carries ``data-figure``, its number: its list says so as its ``total``, and has so many rows
on all its pages. A sum carries ``data-sum`` besides: the column that adds up to it.
"""

import re
from collections import Counter, deque
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import open_ledger
from tests.interfaces.api.serving import Served, served
from tests.interfaces.growing_shop import growing_shop
from tests.scenarios.script import NORTHWIND, NORTHWIND_PURCHASES, script_of

LINK = re.compile(r"<a\s[^>]*\bhref=[^>]*>")
ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')
PAGES_OF_A_KIND = 2
ROWS = 200


@pytest.fixture(scope="module")
def northwind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a service on the wholesaler's two years."""
    scripts = (NORTHWIND.read_bytes(), NORTHWIND_PURCHASES.read_bytes())
    yield from serving_shop(tmp_path_factory.mktemp("northwind"), *scripts)


@pytest.fixture(scope="module")
def shop_of_everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Return a service on a shop that has several of everything, in two pools."""
    script = script_of(growing_shop(7)).getvalue()
    yield from serving_shop(tmp_path_factory.mktemp("everything"), script)


def serving_shop(folder: Path, *scripts: bytes) -> Iterator[Served]:
    """Serve a ledger of some scripts."""
    url = f"sqlite:///{folder}/shop.db"
    with open_ledger(url) as ledger:
        for script in scripts:
            results = list(submit(ledger, read_json_lines(BytesIO(script))))
            assert "invalid" not in {each.status for each in results}
    with served(url) as running:
        yield running


def links_in(page: str) -> Iterator[dict[str, str]]:
    """Return the attributes of every link of a page that leads somewhere in the dashboard."""
    for link in LINK.findall(page):
        attributes = {name: unescape(value) for name, value in ATTRIBUTE.findall(link)}
        if attributes["href"].startswith("/"):
            yield attributes


def kind_of(where: str) -> tuple[str, ...]:
    """Return what all addresses of one kind of page have in common."""
    parts = urlsplit(where).path.split("/")
    return (*parts[:3], str(len(parts)), *parts[4:5])


def pages(shop: Served, first: str) -> Iterator[tuple[str, str]]:
    """Follow links from a first page; yield a few pages of each kind, with their addresses."""
    seen, of_kind, waiting = {first}, Counter[tuple[str, ...]](), deque([first])
    while waiting:
        where = waiting.popleft()
        if of_kind[kind_of(where)] == PAGES_OF_A_KIND:
            continue
        answer = shop.client.get(where, headers={"Accept": "text/html"})
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        assert answer.status_code == 200, (where, answer.text)
        of_kind[kind_of(where)] += 1
        yield where, answer.text
        for each in links_in(answer.text):
            if each["href"] not in seen and "format=" not in each["href"]:
                seen.add(each["href"])
                waiting.append(each["href"])


def whole_list(shop: Served, where: str) -> dict[str, Any]:
    """Read all pages of a list; give its last page, with the rows of all of them."""
    rows: list[Any] = []
    url = httpx.URL(where).copy_merge_params({"format": "json", "limit": ROWS})
    while True:
        answer = shop.client.get(url)
        assert answer.status_code == 200, (where, answer.text)
        report = answer.json()
        rows += report["rows"]
        if report.get("next") is None:
            return {**report, "rows": rows}
        follows = "before" if isinstance(report["next"], int) else "after"
        url = url.copy_merge_params({follows: report["next"]})


def wrong_figures(shop: Served, where: str, page: str, known: dict[str, Any]) -> Iterator[str]:
    """Return what does not agree with the lists that the figures of a page lead to."""
    for link in links_in(page):
        if "data-figure" not in link:
            continue
        target, figure = link["href"], link["data-figure"]
        if target not in known:
            known[target] = whole_list(shop, target)
        found = known[target]
        if column := link.get("data-sum"):
            total = sum(Decimal(str(row[column] or 0)) for row in found["rows"])
            said = found.get("totals", {}).get(column, total)
            if not Decimal(figure) == total == Decimal(str(said)):
                yield f"{where}: {figure} {column}, but {target} adds up to {total}, says {said}"
        else:
            counts = {int(figure), len(found["rows"]), found.get("total", int(figure))}
            if len(counts) > 1:
                yield f"{where}: {figure}, but {target} has {len(found['rows'])}"


@pytest.mark.parametrize("moment", ["", "?as_of={half}"])
@pytest.mark.parametrize("name", ["busy_shop", "northwind", "shop_of_everything"])
def test_every_figure_is_that_of_its_list(
    request: pytest.FixtureRequest, name: str, moment: str
) -> None:
    shop: Served = request.getfixturevalue(name)
    half = shop.service.ledger.head().position // 2
    known: dict[str, Any] = {}
    wrong: list[str] = []
    kinds = set()
    for where, page in pages(shop, f"/{moment.format(half=half)}"):
        kinds.add(kind_of(where))
        wrong += wrong_figures(shop, where, page, known)
    assert wrong == []
    assert len(kinds) > 12, kinds
    assert len(known) > 12
