"""Events as they come: followed in a process of its own, filtered, and ended in silence."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stocktrail.ledger.store.postgres_address import postgres_address
from tests.interfaces.terminal import ROOT, Terminal
from tests.postgres_server import PostgresServer, ServerElsewhere, replace_schema

PATIENCE_SECONDS = 30.0
ORDER = {
    "command": "place-order", "order": "SO-1", "customer": "Ada",
    "lines": [{"sku": "WIDGET", "quantity": 1}],
}


class Following:
    """The command ``events --follow``, and what it has written."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process
        self._written = b""

    def line(self) -> str:
        """Wait for the next line."""
        assert self.process.stdout is not None
        while b"\n" not in self._written:
            ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE_SECONDS)
            assert ready, "no line came"
            more = os.read(self.process.stdout.fileno(), 1 << 16)
            assert more, "it has ended"
            self._written += more
        line, _, self._written = self._written.partition(b"\n")
        return line.decode()

    def end(self, how: signal.Signals = signal.SIGINT) -> tuple[int, bytes, bytes]:
        """End it, and give its status, what it wrote since, and what it complained of."""
        self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, self._written + out, err


@contextmanager
def following(shop: Terminal, *flags: str) -> Iterator[Following]:
    """Follow the log in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "stocktrail", "events", "--follow", *flags,
         "--database", shop.url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        try:
            yield Following(process)
        finally:
            process.kill()


def test_what_is_there_is_shown_and_then_what_comes(shop: Terminal) -> None:
    with following(shop) as log:
        assert log.line().endswith("stock/WIDGET: WIDGET was registered.")
        assert log.line().endswith("stock/WIDGET: 25 were received at default.")
        shop.submit(ORDER)
        assert log.line().endswith(
            "order/SO-1: Ada placed order SO-1 in pool default: 1 of WIDGET (line 1)."
        )
        assert log.line().endswith(
            "stock/WIDGET: Order SO-1 line 1 reserved 1 in pool default: 1 allocated."
        )
        shop.type("receive-stock", "--sku", "WIDGET", "--quantity", "2")
        assert log.line().endswith("stock/WIDGET: 2 were received at default.")
        assert log.end() == (130, b"", b"")


@pytest.mark.parametrize(
    ("flags", "expected"),
    [
        (("--after", "2"), ["OrderPlaced", "StockReserved", "StockReceived"]),
        (("--type", "StockReserved"), ["StockReserved"]),
        (("--stream", "stock/WIDGET", "--after", "2"), ["StockReserved", "StockReceived"]),
        (("--stream", "order/SO-1"), ["OrderPlaced"]),
        (("--stream", "stock/WIDGET", "--type", "StockReceived", "--after", "2"),
         ["StockReceived"]),
    ],
    ids=" ".join,
)
def test_filters_hold_for_what_comes(
    shop: Terminal, flags: tuple[str, ...], expected: list[str]
) -> None:
    with following(shop, "--json", *flags) as log:
        shop.submit(ORDER)
        shop.submit({"command": "receive-stock", "sku": "WIDGET", "quantity": 2})
        written = [json.loads(log.line()) for _ in expected]
        status, rest, complaint = log.end()
    assert [each["type"] for each in written] == expected
    assert (status, rest, complaint) == (130, b"", b"")
    assert shop.type("events", "--json", *flags).rows == written


def test_a_limit_ends_it_with_the_last_event_that_is_wanted(shop: Terminal) -> None:
    with following(shop, "--after", "2", "--limit", "1") as log:
        shop.submit({"command": "receive-stock", "sku": "WIDGET", "quantity": 2})
        assert log.line().endswith("2 were received at default.")
        assert log.process.wait(timeout=PATIENCE_SECONDS) == 0


def test_it_goes_on_while_a_rebuild_runs(shop: Terminal) -> None:
    with following(shop, "--after", "2") as log:
        assert shop.type("rebuild").status == 0
        shop.submit(ORDER)
        assert "order/SO-1" in log.line()
        assert log.end(signal.SIGTERM)[2] == b""


def test_after_a_position_that_is_not_reached_is_refused_instead_of_waiting(
    shop: Terminal,
) -> None:
    refused = shop.run("events", "--follow", "--after", "999")
    assert (refused.status, refused.out) == (3, "")
    assert refused.err.endswith("nothing comes after position 999 yet. [unknown_position]\n")


def test_a_log_that_is_replaced_by_a_shorter_one_is_told_of(
    terminal: Terminal, postgres: PostgresServer | ServerElsewhere, postgres_url: str,
    other_postgres_url: str,
) -> None:
    for url, skus in ((other_postgres_url, "A"), (postgres_url, "AB")):
        terminal.url = url
        for sku in skus:
            terminal.type("register-product", "--sku", sku)
    with following(terminal, "--after", "1") as log:
        assert "stock/B" in log.line()
        schemas = (postgres_address(url).schema for url in (postgres_url, other_postgres_url))
        replace_schema(postgres, *schemas)
        out, err = log.process.communicate(timeout=PATIENCE_SECONDS)
    assert (log.process.returncode, out) == (3, b"")
    assert b"The ledger ends at position 1; nothing comes after position 2 yet." in err


@pytest.mark.parametrize("flags", [("--after", "-1"), ("--limit", "-1"), ("--type", "Nothing")])
def test_what_can_never_be_right_is_invalid(shop: Terminal, flags: tuple[str, str]) -> None:
    name, value = flags
    answer = shop.type("events", f"{name}={value}")
    assert (answer.status, answer.out) == (4, "")
    assert answer.err.endswith("]\n")
