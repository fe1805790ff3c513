"""What tests of the dashboard may ask for."""

import shutil
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser

from stocktrail.commands.scripts.submission import submit_one
from stocktrail.commands.stock import ReceiveStock, RegisterProduct
from stocktrail.ledger.store import open_ledger
from stocktrail.projections import ReadModels
from tests.interfaces.api.serving import Served, served
from tests.interfaces.dashboard.browser import chromium
from tests.interfaces.dashboard.busy_shop import fill
from tests.interfaces.dashboard.counted_visitor import CountedVisitor
from tests.interfaces.dashboard.visitor import Visitor


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Run a Chromium; the tests fail where there is none.

    It has an event loop in this thread while it runs, which tests elsewhere would stumble over.
    """
    with chromium() as running:
        yield running


@pytest.fixture
def empty_shop(sqlite_url: str) -> Iterator[Served]:
    """Return a service on an empty ledger."""
    with served(sqlite_url) as running:
        yield running


@pytest.fixture(scope="package")
def busy_ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a shop in the middle of its work, to be copied."""
    path = tmp_path_factory.mktemp("busy") / "shop.db"
    with open_ledger(f"sqlite:///{path}") as ledger:
        fill(ledger)
    return path


@pytest.fixture(scope="package")
def busy_shop(busy_ledger: Path) -> Iterator[Served]:
    """Return a service on a shop in the middle of its work, which no test changes."""
    with served(f"sqlite:///{shutil.copy(busy_ledger, busy_ledger.with_name('kept.db'))}") as shop:
        yield shop


@pytest.fixture
def working_day(browser: Browser, busy_ledger: Path, tmp_path: Path) -> Iterator[CountedVisitor]:
    """Return somebody at work in a busy shop of their own, whose clicks and fields are counted."""
    with (
        served(f"sqlite:///{shutil.copy(busy_ledger, tmp_path / 'day.db')}") as shop,
        browser.new_context(locale="en-GB") as context,
    ):
        found = CountedVisitor(context.new_page(), shop)
        yield found
        found.has_nothing_to_complain_of()


@pytest.fixture
def guarded_shop(sqlite_url: str) -> Iterator[Served]:
    """Return a service that asks for tokens, on a ledger with one item."""
    with open_ledger(sqlite_url) as ledger:
        submit_one(ledger, RegisterProduct(sku="KETTLE"))
        submit_one(ledger, ReceiveStock(sku="KETTLE", quantity=4))
        ReadModels(ledger).catch_up()
    with served(sqlite_url, require_token=True) as running:
        yield running


@pytest.fixture
def visitor(browser: Browser, empty_shop: Served) -> Iterator[Visitor]:
    """Return a visitor of an empty shop, with nothing to complain of in the end."""
    with browser.new_context(locale="en-GB") as context:
        found = Visitor(context.new_page(), empty_shop)
        yield found
        found.has_nothing_to_complain_of()


@pytest.fixture
def receiver() -> Iterator[str]:
    """Run a receiver that takes everything; give its address."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(timeout=10)
