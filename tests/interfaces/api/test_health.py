"""``stocktrail health``, and where a service is: by flags, by the environment, told to systemd."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.interfaces.api.serving import Served, served, serving
from tests.interfaces.terminal import Terminal

HOST = "STOCKTRAIL_HTTP_HOST"
PORT = "STOCKTRAIL_HTTP_PORT"


@pytest.fixture
def shop(sqlite_url: str) -> Iterator[Served]:
    """Return a service that answers to a name of its own."""
    with served(sqlite_url, allowed_hosts=["shop.example"]) as running:
        yield running


def at_address_of(running: Served, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Set what the environment of a service says of where it is."""
    monkeypatch.setenv(HOST, host)
    monkeypatch.setenv(PORT, str(running.client.base_url.port))
    monkeypatch.setenv("STOCKTRAIL_HTTP_ALLOWED_HOSTS", '["shop.example"]')


# ------------------------------------------------------------------ asking


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_it_asks_the_service_that_the_settings_start(
    shop: Served, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    at_address_of(shop, monkeypatch, host)
    answer = terminal.type("health")
    assert (answer.status, answer.err) == (0, "")
    assert answer.said == f"http://127.0.0.1:{shop.client.base_url.port} answers."
    assert terminal.ask("health")["status"] == "ok"


def test_ready_says_how_far_the_read_models_are(
    shop: Served, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_address_of(shop, monkeypatch, "127.0.0.1")
    answer = terminal.type("health", "--ready", "--wait", "30")
    assert answer.status == 0
    assert "is ready: its read models are at position 0 of 0." in answer.said
    shop.service.follower.is_caught_up = False
    behind = terminal.type("health", "--ready")
    assert (behind.status, "[read_models_behind]" in behind.err) == (1, True)
    assert terminal.type("health").status == 0      # it takes commands: it is not ill


def test_what_does_not_answer_is_said_with_its_address(terminal: Terminal) -> None:
    answer = terminal.type("health", "--url", "http://127.0.0.1:9", "--wait", "0.3")
    assert answer.status == 5
    assert answer.err == (
        "No service answers at http://127.0.0.1:9: Connection refused. [service_unreachable]\n"
    )


class OtherProgram(BaseHTTPRequestHandler):
    """What another program answers at the port."""

    def do_GET(self) -> None:
        """Answer with a page."""
        self.send_response(404)
        self.end_headers()
        self.wfile.write(b"<h1>Not found</h1>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def another_program() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), OtherProgram) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


def test_another_program_at_the_port_is_no_healthy_service(terminal: Terminal) -> None:
    with another_program() as url:
        answer = terminal.type("health", "--url", f"{url}/")
    assert (answer.status, "[no_service]" in answer.err) == (1, True)


@pytest.mark.parametrize("words", [
    ("--url", "127.0.0.1:8000"), ("--url", "http://h:99999"), ("--url", "ftp://h"),
    ("--wait", "-1"), ("--seconds", "0"), ("--seconds", "nan"), ("--wait", "1e9"),
])
def test_wrong_flags_are_refused(terminal: Terminal, words: tuple[str, ...]) -> None:
    answer = terminal.type("health", *words)
    assert (answer.status, "[bad_flag]" in answer.err) == (2, True)


# ------------------------------------------------------------------ where it is


def test_a_service_takes_host_and_port_from_the_environment(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv(HOST, "127.0.0.1")
        monkeypatch.setenv(PORT, str(port))
        answer = terminal.type("serve")
    assert (answer.status, "[cannot_listen]" in answer.err) == (1, True)
    assert f"at 127.0.0.1 port {port}: Address already in use" in answer.err


def test_a_flag_wins_and_systemd_hears_when_it_serves(sqlite_url: str, tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as supervisor:
        supervisor.bind(str(tmp_path / "notify"))
        environment = {HOST: "127.0.0.2", PORT: "1", "NOTIFY_SOCKET": str(tmp_path / "notify")}
        with serving(sqlite_url, environment=environment) as (process, url):   # with --port 0
            supervisor.settimeout(30)
            assert supervisor.recv(100) == b"READY=1"
            process.terminate()
    assert url.startswith("http://127.0.0.2:")
    assert not url.endswith(":1")


@pytest.mark.parametrize(("written", "meant"), [
    ("HOST", "STOCKTRAIL_HTTP_HOST or STOCKTRAIL_SMTP_HOST"),
    ("DATABASE", "STOCKTRAIL_DATABASE_URL"), ("HTTP_PROT", "STOCKTRAIL_HTTP_PORT"),
])
def test_a_setting_without_its_group_is_said_with_those_that_may_be_meant(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, written: str, meant: str
) -> None:
    monkeypatch.setenv(f"STOCKTRAIL_{written}", "x")
    answer = terminal.type("register-product", "--sku", "A")
    assert f"STOCKTRAIL_{written} sets nothing. Did you mean {meant}?" in answer.err
