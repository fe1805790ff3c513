"""The documents as a site: built strictly, led to by the index, searched without another host."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
import uvicorn

import stocktrail
from stocktrail.interfaces.cli.documents import HOST, pages, site_folder
from stocktrail.interfaces.cli.failures import Failure
from stocktrail.interfaces.cli.listening import listen_at, url_of
from tests.house.sources import ROOT
from tests.interfaces.dashboard.browser import chromium
from website.__main__ import build
from website.fetched import fetched_from_elsewhere


@contextmanager
def shown(folder: Path) -> Iterator[str]:
    """Show a site as ``stocktrail docs`` does; give its address."""
    with listen_at(HOST, 0) as listening:
        server = uvicorn.Server(uvicorn.Config(pages(folder), log_config=None, lifespan="off"))
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield url_of(HOST, listening)
        server.should_exit = True
        thread.join(timeout=30)


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::PendingDeprecationWarning")
def test_every_document_is_in_the_navigation_and_is_found_by_its_words(tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert build(site) == []
    navigation = (site / "docs" / "index.html").read_text(encoding="utf-8")
    led_to = set(re.findall(r'class="reference internal" href="([\w./-]+)\.html"', navigation))
    found = {str((site / "docs" / each).resolve().relative_to(site)) for each in led_to}
    written = {str(path.relative_to(ROOT).with_suffix("")) for path in ROOT.glob("docs/**/*.md")}
    assert written - found == {"docs/index"}
    without_file = [
        (page.name, picture) for page in site.rglob("*.html")
        for picture in re.findall(r'<img[^>]* src="([^":]+)"', page.read_text(encoding="utf-8"))
        if not (page.parent / picture).is_file()
    ]
    assert without_file == []
    tour = (site / "docs" / "tour.html").read_text(encoding="utf-8")
    copies = re.findall(r'href="([^"]+/_downloads/[^"]+)"', tour)
    assert all((site / "docs" / each).is_file() for each in copies)
    assert copies
    assert list(site.rglob("*.py")) == []

    with shown(site) as url, chromium() as browser, browser.new_context() as context:
        page = context.new_page()
        asked, complaints = set[str](), []
        page.on("request", lambda request: asked.add(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.goto(f"{url}/")
        page.wait_for_url("**/docs/index.html")
        page.fill("input[name=q]", "salable quantity")
        page.keyboard.press("Enter")
        page.wait_for_selector("#search-results a:text('The rules')", timeout=60_000)
        page.click("#search-results a:text('The rules')")
        page.wait_for_selector("h1:has-text('The rules')")
        assert {each for each in asked if not each.startswith((f"{url}/", "data:"))} == set()
        assert complaints == []


def test_what_a_browser_would_fetch_from_elsewhere_is_found_and_what_a_reader_follows_is_not(
    tmp_path: Path,
) -> None:
    (tmp_path / "page.html").write_text(
        '<link rel="stylesheet" href="https://fonts.example/a.css"><a href="https://b.example">b</a>'
        '<script src="//cdn.example/c.js"></script><img src="here.png"><svg><use href="#d"/></svg>'
    )
    (tmp_path / "style.css").write_text(
        '@import "https://e.example/f.css"; i { background: url(data:image/png;base64,AA) }'
    )
    assert list(fetched_from_elsewhere(tmp_path)) == [
        ("page.html", "https://fonts.example/a.css"), ("page.html", "//cdn.example/c.js"),
        ("style.css", "https://e.example/f.css"),
    ]


def test_a_checkout_says_what_builds_the_documents_and_shows_them_where_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "stocktrail"
    monkeypatch.setattr(stocktrail, "__file__", str(package / "__init__.py"))
    with pytest.raises(Failure, match="built without its documents"):
        site_folder()
    (tmp_path / "hatch_build.py").touch()
    with pytest.raises(Failure, match="run make docs-site"):
        site_folder()
    for folder in (tmp_path / "build" / "site", package / "documents"):
        folder.mkdir(parents=True)
        (folder / "index.html").touch()
        assert site_folder() == folder
