"""What goes wrong between a writer and a PostgreSQL server, on purpose."""

import os
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from stocktrail.ledger.store.postgres_address import is_postgres_url, postgres_address

PATIENCE_SECONDS = 30

def mounted(folder: Path, size: str) -> Iterator[Path]:
    """Mount a disk of a size in memory, where that is permitted, and give its folder."""
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "stocktrail-test", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


Fault = Literal["none", "swallow replies", "swallow all replies", "hold back", "cut"]

_OURS = (
    "FROM pg_stat_activity WHERE application_name = 'stocktrail ' || %s AND pid <> pg_backend_pid()"
)


def await_quiet(url: str) -> None:
    """Wait until the server has noticed that the writers of a ledger are gone."""
    if not is_postgres_url(url):
        return
    limit = time.monotonic() + PATIENCE_SECONDS
    while _ask(url, f"SELECT count(*) {_OURS} AND state <> 'idle'"):
        assert time.monotonic() < limit
        time.sleep(0.01)


def terminate_all(url: str) -> int:
    """Cut every connection that the ledger's programs have, in the middle of what they do."""
    return _ask(url, f"SELECT count(pg_terminate_backend(pid)) {_OURS}")


def _ask(url: str, query: str) -> int:
    address = postgres_address(url)
    with psycopg.connect(make_conninfo("", **address.connection), autocommit=True) as server:
        [value] = server.execute(query.encode(), [address.schema]).fetchone() or (0,)
        return int(value)


class Proxy:
    """Stands between a writer and its server, and forwards what it is told to.

    With a fault set, the next connection that sends an append suffers it; the others do not. A
    ``black_hole`` swallows everything on every connection, new ones too, and says nothing.
    """

    def __init__(self, server: Path) -> None:
        self._server = server
        self._folder = tempfile.TemporaryDirectory(prefix="proxy-")
        self.folder = Path(self._folder.name)
        self.fault: Fault = "none"
        self.black_hole = False
        self.was_struck = threading.Event()
        self.release = threading.Event()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / ".s.PGSQL.5432"))
        self._listener.listen(16)
        self._ends: list[socket.socket] = [self._listener]
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release.set()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for end in self._ends:
            end.close()
        self._folder.cleanup()

    def url(self, url: str) -> str:
        """Return the URL of the same ledger through the proxy."""
        query = url.partition("schema=")[2]
        return f"postgresql://postgres@/postgres?host={self.folder}&schema={query}"

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                self._ends += [client, server]
                link = _Link(self, client, server)
                for way in (link.to_server, link.to_client):
                    thread = threading.Thread(target=way)
                    self._threads.append(thread)
                    thread.start()


class _Link:
    """One connection through the proxy, with the fault that struck it."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._server = server
        self._fault: Fault = "none"
        self._is_broken = False

    def to_server(self) -> None:
        """Forward what the writer sends."""
        with suppress(OSError):
            while data := self._client.recv(1 << 16):
                is_append = b"append_group\0" in data
                if self._proxy.fault == "swallow all replies" and is_append:
                    self._proxy.black_hole = True
                    self._server.sendall(data)
                    continue
                if self._proxy.fault != "none" and is_append:
                    self._fault, self._proxy.fault = self._proxy.fault, "none"
                    self._proxy.was_struck.set()
                if self._fault in ("hold back", "cut"):
                    self._proxy.release.wait(PATIENCE_SECONDS)
                if self._proxy.black_hole:
                    self._is_broken = True
                if self._fault != "cut" and not self._is_broken:
                    self._server.sendall(data)
            if self._fault == "none":
                self._server.shutdown(socket.SHUT_WR)

    def to_client(self) -> None:
        """Forward what the server answers."""
        with suppress(OSError):
            while data := self._server.recv(1 << 16):
                if self._proxy.black_hole:
                    self._is_broken = True
                if self._fault == "none" and not self._is_broken:
                    self._client.sendall(data)
            self._client.shutdown(socket.SHUT_RDWR)
