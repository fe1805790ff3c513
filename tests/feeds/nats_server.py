"""A NATS server with JetStream of the test's own, that can be killed and started again."""

import asyncio
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import nats
import orjson

from stocktrail.feeds.cloud_events import position_of

STREAM = "LEDGER"


class Stored(NamedTuple):
    """One message of the stream."""

    sequence: int
    subject: str
    headers: dict[str, str]
    event: dict[str, Any]


class NatsServer:
    """The real server from its wheel, with a folder of its own."""

    def __init__(self, folder: Path, *flags: str) -> None:
        self.folder = folder
        self._flags = flags
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port: int = free.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        binary = shutil.which("nats-server", path=str(Path(sys.executable).parent)) or "nats-server"
        self._process = subprocess.Popen(
            [binary, "-js", "-a", "127.0.0.1", "-p", str(self.port), "-sd", str(self.folder),
             *self._flags],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with closing(socket.socket()) as trying:
                if trying.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("the NATS server did not start")

    def pause(self) -> None:
        """Let it fall silent: connections are made, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """Kill it where it stands."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(20)
            self._process = None

    def stored(self, stream: str = STREAM) -> list[Stored]:
        """Read the whole stream."""
        return asyncio.run(self._stored(stream))

    async def _stored(self, stream: str) -> list[Stored]:
        client = await nats.connect(self.url)
        try:
            jetstream = client.jetstream()
            count = (await jetstream.stream_info(stream)).state.messages
            ordered = await jetstream.subscribe(
                "stocktrail.>", stream=stream, ordered_consumer=True
            )
            found: list[Stored] = []
            while len(found) < count:
                message = await ordered.next_msg(timeout=10)
                found.append(Stored(
                    message.metadata.sequence.stream, message.subject, message.headers or {},
                    orjson.loads(message.data),
                ))
            return found
        finally:
            await client.close()

    def delete_last(self, count: int, stream: str = STREAM) -> None:
        """Delete the last messages of the stream, as an operator can."""
        asyncio.run(self._delete([each.sequence for each in self.stored(stream)[-count:]], stream))

    async def _delete(self, sequences: list[int], stream: str) -> None:
        client = await nats.connect(self.url)
        try:
            for sequence in sequences:
                await client.jetstream().delete_msg(stream, sequence)
        finally:
            await client.close()

    def positions(self, stream: str = STREAM) -> list[int]:
        """The positions of the events in the stream, in order."""
        return [position_of(each.event) for each in self.stored(stream)]
