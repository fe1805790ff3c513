"""A service on a free port: in a thread of this process for speed, or in a process of its own."""

import asyncio
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from time import sleep
from typing import Any

import httpx
import uvicorn

from stocktrail.interfaces.api.application import create_application
from stocktrail.interfaces.api.server import configuration
from stocktrail.interfaces.service.service import Service
from stocktrail.interfaces.service.settings import ServiceSettings
from stocktrail.ledger.store import open_ledger
from tests.interfaces.terminal import PATIENCE_SECONDS, ROOT, with_patience

# Everything here speaks plain HTTP. A context of its own for each client takes 25 ms, which is
# what it costs to read the certificates of all authorities.
NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Served:
    """A running service, and a client of it."""

    def __init__(self, service: Service, client: httpx.Client) -> None:
        self.service = service
        self.client = client

    def send(self, command: str, **fields: Any) -> httpx.Response:
        """Send one command by its own address."""
        return self.client.post(f"/commands/{command}", json=fields)

    def accept(self, command: str, **fields: Any) -> int:
        """Send one command that has to be accepted; give its position."""
        answer = self.send(command, **fields)
        assert answer.status_code in (200, 201), answer.text
        return int(answer.headers["Position"])

    def ask(self, address: str, **parameters: Any) -> Any:
        """Ask a question about everything that is recorded, and give the answer."""
        head = self.service.ledger.head().position
        asked = httpx.URL(address).copy_merge_params({"at_least": head, **parameters})
        answer = self.client.get(asked)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def stream(self, *commands: dict[str, Any], **parameters: Any) -> list[dict[str, Any]]:
        """Send commands as JSON Lines, and give their results."""
        answer = self.client.post(
            "/commands", content=json_lines(*commands), params=parameters,
            headers={"Content-Type": "application/jsonl"},
        )
        assert answer.status_code == 200, answer.text
        return results(answer.content)


def json_lines(*commands: dict[str, Any]) -> bytes:
    """Write commands as JSON Lines."""
    import json

    return b"".join(json.dumps(command).encode() + b"\n" for command in commands)


def results(body: bytes) -> list[dict[str, Any]]:
    """Read the results of a stream; a torn last line is none."""
    import json

    return [json.loads(line) for line in body.splitlines(keepends=True) if line.endswith(b"\n")]


@contextmanager
def served(database_url: str, **settings: Any) -> Iterator[Served]:
    """Serve a database in a thread of this process."""
    chosen = ServiceSettings(_env_file=None, **{"shutdown_seconds": 5, **settings})
    service = Service(chosen, open_ledger(database_url))
    loops = SimpleQueue[asyncio.AbstractEventLoop]()
    application = create_application(
        chosen, lambda: service, lambda _: loops.put(asyncio.get_running_loop())
    )
    server = uvicorn.Server(configuration(application, chosen))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        loop = loops.get(timeout=30)
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with httpx.Client(base_url=url, timeout=30, verify=NO_TLS) as client:
                yield Served(service, client)
        finally:
            loop.call_soon_threadsafe(service.begin_shutdown)
            server.should_exit = True
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive(), "the service does not end"


@contextmanager
def serving(
    database_url: str, *flags: str, environment: dict[str, str] | None = None
) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """Run ``stocktrail serve`` in a process of its own; give it and the URL that it prints."""
    with subprocess.Popen(
        [sys.executable, "-m", "stocktrail", "serve", "--port", "0", *flags,
         "--database", database_url],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
    ) as process, with_patience(process):
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Serving "), process.stderr and process.stderr.read()
        yield process, line.split()[-1]


def wait_for(url: str) -> None:
    """Wait until a service answers."""
    for _ in range(100):
        try:
            httpx.get(f"{url}/healthz", verify=NO_TLS).raise_for_status()
        except httpx.TransportError:
            sleep(0.05)
        else:
            return
    raise AssertionError("the service does not answer")
