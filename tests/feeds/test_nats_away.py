"""A NATS server that is away is told within seconds, and nothing is claimed that was not done."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands.scenes import given, product, receive
from tests.feeds.certificates import Issuer
from tests.feeds.nats_server import STREAM, NatsServer
from tests.interfaces.terminal import ROOT
from tests.waiting import wait_until

FAR_BELOW_MINUTES = 30
"""Seconds after which an answer no longer counts as told within seconds, on a busy machine."""


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Ledger]:
    """Return a ledger of two events."""
    with open_ledger(sqlite_url) as ledger:
        given(ledger, product(), receive(1))
        yield ledger


@pytest.fixture
def nowhere() -> str:
    """Return the URL of a server that is not there."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        return f"nats://ann:secret@127.0.0.1:{taken.getsockname()[1]}"


@pytest.fixture
def silent() -> Iterator[str]:
    """Return the URL of a server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"nats://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def publishing(ledger: Ledger, server: str, *flags: str) -> Iterator["subprocess.Popen[str]"]:
    """Publish in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "stocktrail", "publish", "nats", "--server", server, "--stream",
         STREAM, "--database", f"sqlite:///{ledger.where}", *flags],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def ended(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Wait for the end, and give the exit status and what was said on stdout and stderr."""
    out, err = process.communicate(timeout=FAR_BELOW_MINUTES)
    return process.returncode, out, err


@pytest.mark.parametrize("away", ["nowhere", "silent"])
def test_once_says_within_seconds_that_nobody_is_there(
    shop: Ledger, away: str, request: pytest.FixtureRequest
) -> None:
    with publishing(shop, request.getfixturevalue(away), "--once") as process:
        status, out, err = ended(process)
    assert (status, out) == (5, "")
    assert "The NATS server at 127.0.0.1:" in err
    assert "Nothing was published." in err
    assert "[nats_unavailable]" in err
    assert "secret" not in err


@pytest.mark.parametrize("away", ["nowhere", "silent"])
@pytest.mark.parametrize("flags", [(), ("--once",)])
def test_told_to_stop_it_stops_and_claims_nothing(
    shop: Ledger, away: str, flags: tuple[str, ...], request: pytest.FixtureRequest
) -> None:
    with publishing(shop, request.getfixturevalue(away), *flags) as process:
        assert process.stderr is not None
        if away == "nowhere":
            waits = next(line for line in process.stderr if "waits" in line)
            assert "cannot be reached: Connection refused" in waits
        else:
            wait_until(lambda: is_connected(process), "it is connected")
        process.send_signal(signal.SIGTERM)
        status, out, err = ended(process)
    assert (status, out) == (5, "")
    assert "Nothing was published." in err


def is_connected(process: "subprocess.Popen[str]") -> bool:
    """Return whether a process has a connection, by the files that it has open."""
    return sum(map(is_socket, Path(f"/proc/{process.pid}/fd").iterdir())) >= 3


def is_socket(file: Path) -> bool:
    """Return whether an open file is a connection; one that was closed meanwhile is none."""
    try:
        return os.readlink(file).startswith("socket:")
    except FileNotFoundError:
        return False


def test_a_server_that_falls_silent_is_no_copy_of_what_came_later(
    shop: Ledger, tmp_path: Path
) -> None:
    server = NatsServer(tmp_path / "jetstream")
    server.start()
    try:
        with publishing(shop, server.url, "--once") as process:
            assert ended(process)[0] == 0
        given(shop, receive(1))
        server.pause()
        with publishing(shop, server.url, "--once") as process:
            status, out, err = ended(process)
        assert (status, out) == (5, "")
        assert "does not answer" in err
        server.resume()
        with publishing(shop, server.url, "--once") as process:
            status, out, _ = ended(process)
        assert status == 0
        assert "up to position 3" in out
        assert server.positions() == [1, 2, 3]
    finally:
        server.kill()


def test_what_is_wrong_with_its_certificate_is_said_in_words(
    shop: Ledger, tmp_path: Path
) -> None:
    certificate = Issuer(tmp_path).certificate(self_signed=True)
    server = NatsServer(tmp_path / "jetstream", "--tls", "--tlscert", str(certificate), "--tlskey",
                        str(certificate))
    server.start()
    try:
        with publishing(shop, server.url.replace("127.0.0.1", "localhost"), "--once") as process:
            status, _, err = ended(process)
        assert status == 5
        assert "The certificate of localhost is self-signed" in err
    finally:
        server.kill()
