"""A real service behind nginx and behind Caddy, as ``deploy/`` sets them: nothing is held back."""

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPResponse, HTTPSConnection
from typing import Any, NamedTuple

import pytest

from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.deploy import DEPLOY
from tests.deploy.proxies import CADDY, NGINX, caddy, nginx
from tests.interfaces.api.serving import Served, served

PROXIES = {"nginx": (nginx, NGINX), "caddy": (caddy, CADDY)}


class Front(NamedTuple):
    """A proxy, the service behind it, and a token."""

    port: int
    shop: Served
    token: str

    def connect(self) -> "closing[HTTPSConnection]":
        """Return a connection that believes every certificate."""
        believing = ssl.create_default_context()
        believing.check_hostname, believing.verify_mode = False, ssl.CERT_NONE
        return closing(HTTPSConnection("localhost", self.port, timeout=20, context=believing))

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[HTTPResponse, bytes]:
        """Ask once, and give the answer and its body."""
        with self.connect() as connection:
            connection.request(method, path, body, {
                "Authorization": f"Bearer {self.token}",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            })
            answer = connection.getresponse()
            return answer, answer.read()


@pytest.fixture(scope="module", params=PROXIES)
def front(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Front]:
    """Return a service behind a proxy; it asks for tokens, and has an item with a slash."""
    proxy, program = PROXIES[request.param]
    if not program.exists():
        pytest.skip(f"{request.param} is not to be had on this system")
    folder = tmp_path_factory.mktemp(request.param)
    with served(f"sqlite:///{folder}/shop.db", require_token=True) as shop:
        token, _ = AccessTokens(shop.service.ledger).create("test", "admin")
        shop.client.headers["Authorization"] = f"Bearer {token}"
        shop.accept("register-product", sku="TEA/1")
        with proxy(shop.client.base_url.port or 0, folder) as port:
            yield Front(port, shop, token)


def test_an_id_with_a_slash_arrives_as_it_was_sent(front: Front) -> None:
    answer, body = front.ask("GET", "/stock/TEA%2F1?at_least=1")
    assert (answer.status, json.loads(body)["sku"]) == (200, "TEA/1")


def test_events_come_as_they_happen(front: Front) -> None:
    with front.connect() as connection:
        connection.request("GET", "/events?after=0", headers={
            "Accept": "text/event-stream", "Authorization": f"Bearer {front.token}",
        })
        with connection.getresponse() as stream:
            read_until(stream, b"ProductRegistered")
            front.shop.accept("receive-stock", sku="TEA/1", quantity=1)
            read_until(stream, b"StockReceived")


def read_until(stream: HTTPResponse, word: bytes) -> None:
    """Read a stream until an event has a word."""
    while word not in (line := stream.readline()):
        assert line, "the stream has ended"


def test_results_come_while_rows_are_sent(front: Front) -> None:
    with front.connect() as connection:
        connection.putrequest("POST", "/commands")
        for name, value in {
            "Authorization": f"Bearer {front.token}", "Content-Type": "application/jsonl",
            "Transfer-Encoding": "chunked",
        }.items():
            connection.putheader(name, value)
        connection.endheaders()
        send_row(connection, quantity=1)
        with connection.getresponse() as answer:
            for quantity in (2, 3):
                assert json.loads(answer.readline())["status"] == "accepted"
                send_row(connection, quantity=quantity)
            connection.send(b"0\r\n\r\n")
            assert json.loads(answer.read())["line"] == 3


def send_row(connection: HTTPSConnection, **fields: Any) -> None:
    """Send one row of a stream, as a chunk."""
    row = json.dumps({"command": "receive-stock", "sku": "TEA/1", **fields}).encode() + b"\n"
    connection.send(f"{len(row):x}\r\n".encode() + row + b"\r\n")


def test_the_service_refuses_what_is_too_large_and_nobody_before_it(front: Front) -> None:
    answer, _ = front.ask("GET", "/healthz", X_Long="x" * 60_000)
    assert answer.status == 200
    answer, body = front.ask("GET", "/healthz", X_Long="x" * 66_000)
    assert (answer.status, json.loads(body)["code"]) == (431, "head_too_large")
    large = b'{"sku": "' + b"x" * (1 << 21) + b'"}'
    answer, body = front.ask(
        "POST", "/commands/register-product", large, Content_Type="application/json"
    )
    assert (answer.status, json.loads(body)["code"]) == (413, "body_too_large")


def test_a_cookie_is_for_tls_alone(front: Front) -> None:
    with front.connect() as connection:
        connection.request("GET", "/view/login")
        with connection.getresponse() as page:
            assert page.status == 200
            assert "; Secure" in str(page.headers["Set-Cookie"])


@pytest.mark.parametrize(("file", "seconds"), [
    ("nginx.conf", {"proxy_read_timeout": "read", "proxy_send_timeout": "rest",
                    "send_timeout": "rest", "client_body_timeout": "silent",
                    "client_header_timeout": "head"}),
    ("Caddyfile", {"read_timeout": "read", "write_timeout": "rest", "read_header": "head"}),
])
def test_it_is_no_less_patient_than_the_service(file: str, seconds: dict[str, str]) -> None:
    settings = ServiceSettings(_env_file=None)
    least = {
        "read": max(settings.most_wait_seconds, settings.heartbeat_seconds,
                    settings.busy_seconds + settings.at_least_seconds + settings.question_seconds),
        "rest": settings.stalled_seconds, "silent": settings.silent_seconds,
        "head": settings.head_seconds,
    }
    text = (DEPLOY / file).read_text()
    for name, of in seconds.items():
        [given] = re.findall(rf"^\s*{name}\s+(\d+)s;?$", text, re.MULTILINE)
        assert int(given) > least[of], name
