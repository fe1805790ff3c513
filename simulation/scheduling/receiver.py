"""An HTTP receiver for the simulated network, which answers as it is told."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import h11

from simulation.scheduling.connection import Stream


class Posted(NamedTuple):
    """A request that has arrived: where it was sent, its headers in lower case, and its body."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Reply(NamedTuple):
    """What a receiver answers."""

    status: int = 204
    headers: Mapping[str, str] = {}
    body: bytes = b""


def receiving(answer: Callable[[Posted], Reply]) -> Callable[[Stream], None]:
    """Return a listener that takes one request a connection; half a request is none."""

    def listen(stream: Stream) -> None:
        connection = h11.Connection(h11.SERVER)
        request, body = None, b""
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(stream.read())
            elif isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                break
            else:
                return
        headers = {name.decode(): value.decode("latin-1") for name, value in request.headers}
        reply = answer(Posted(request.target.decode(), headers, body))
        stream.write(_written(connection, reply))

    return listen


def _written(connection: h11.Connection, reply: Reply) -> bytes:
    headers = [*reply.headers.items(), ("connection", "close")]
    if reply.status not in (204, 304):
        headers.append(("content-length", str(len(reply.body))))
    parts = [
        connection.send(h11.Response(status_code=reply.status, headers=headers)),
        connection.send(h11.Data(data=reply.body)) if reply.body else b"",
        connection.send(h11.EndOfMessage()),
    ]
    return b"".join(part or b"" for part in parts)
