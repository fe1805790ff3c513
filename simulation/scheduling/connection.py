"""One connection of the simulated network: what is sent arrives after a while, in order, or not.

``Wire`` says what the connection is like, and what goes wrong with it.
"""

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

from simulation.scheduling.scheduler import Scheduler
from simulation.scheduling.tasks import Process
from simulation.scheduling.waiting import WaitingTasks

if TYPE_CHECKING:
    from simulation.scheduling.event_loop import SimulatedEventLoop

MOST_UNDERWAY = 65_536
"""How many bytes are on their way to one who does not read, before the sender has to wait."""

_SECOND = 1_000_000
_END = b""


class Wire(NamedTuple):
    """What a connection is like; the default is a good one. Times are virtual seconds.

    It is refused, or reset after so many bytes of the request or of the answer; the answer waits
    before it begins, or is swallowed: then nothing of it arrives, and the connection stays open.
    """

    is_refused: bool = False
    seconds_to_connect: float = 0.001
    seconds_underway: float = 0.001
    request_bytes: int | None = None
    answer_waits: float = 0.0
    answer_bytes: int | None = None
    swallows_answer: bool = False


class Stream:
    """The listening side of a connection, for a task that blocks."""

    def __init__(self, scheduler: Scheduler, process: Process, wire: Wire) -> None:
        self.wire = wire
        self._scheduler = scheduler
        self._process = process
        self._arriving: deque[tuple[int, bytes]] = deque()
        self._received = self._sent = 0
        self._is_reset = self._is_closed = self._has_ended = self._is_alone = False
        self._waiting = WaitingTasks("bytes of a connection")
        self._other: SimulatedTransport | None = None
        self._opens_at = scheduler.now + _microseconds(wire.answer_waits)
        process.at_death.append(self.reset)

    def read(self, at_most: int = 65_536) -> bytes:
        """Return the next bytes, none at the end. Raises ``ConnectionResetError``."""
        while True:
            self._require_connection()
            if self._has_ended:
                return _END
            if not self._arriving:
                self._waiting.wait_until(lambda: bool(self._arriving) or self._is_reset, None)
            elif (left := self._arriving[0][0] - self._scheduler.now) > 0:
                self._waiting.wait_until(lambda: self._is_reset, left / _SECOND)
            else:
                break
        due, piece = self._arriving.popleft()
        if len(piece) > at_most:
            self._arriving.appendleft((due, piece[at_most:]))
        self._has_ended = not piece
        return piece[:at_most]

    def write(self, data: bytes) -> None:
        """Send bytes, and wait while too many are underway. Raises ``ConnectionResetError``."""
        self._require_connection()
        if self._is_alone:
            raise BrokenPipeError("Broken pipe")
        if self._is_closed or self.wire.swallows_answer:
            return
        most = self.wire.answer_bytes
        whole = most is None or self._sent + len(data) <= most
        data = data if most is None else data[: most - self._sent]
        self._sent += len(data)
        other = self._other
        assert other is not None
        if data:
            other.take(self._due(), data)
        if not whole:
            self.reset()
        self._waiting.wait_until(
            lambda: self._is_reset or self._is_alone or other.underway < MOST_UNDERWAY, None
        )

    def close(self) -> None:
        """Send nothing more; what was sent still arrives."""
        if not self._is_closed and not self._is_reset and self._other is not None:
            if not self.wire.swallows_answer:
                self._other.take(self._due(), _END)
            self._is_closed = True
        self._forget()

    def reset(self) -> None:
        """Break the connection off: the other side gets an error after what is underway."""
        if not self._is_reset and self._other is not None:
            self._other.take(self._due(), None)
        self._break()

    # ------------------------------------------------------------------ for the other side

    def connect(self, other: "SimulatedTransport") -> None:
        """Set who is at the other side."""
        self._other = other

    def take(self, data: bytes) -> None:
        """Take what the other side sends; ``b""`` is its end."""
        most = self.wire.request_bytes
        whole = most is None or self._received + len(data) <= most
        data = data if most is None else data[: most - self._received]
        self._received += len(data)
        if data or whole:
            underway = _microseconds(self.wire.seconds_underway)
            self._arriving.append((self._scheduler.now + underway, data))
        self.look()
        if not whole:
            self.reset()

    def leave_alone(self) -> None:
        """Note that the other side has closed the connection: what it sent can still be read."""
        self._is_alone = True
        self.look()

    def abandon(self) -> None:
        """Note that the other side is gone."""
        self._break()

    def look(self) -> None:
        """Let the task that reads or writes look again."""
        self._waiting.wake_all()

    def _break(self) -> None:
        self._is_reset = True
        self._forget()
        self.look()

    def _forget(self) -> None:
        if self.reset in self._process.at_death:
            self._process.at_death.remove(self.reset)

    def _due(self) -> int:
        underway = _microseconds(self.wire.seconds_underway)
        return max(self._scheduler.now, self._opens_at) + underway

    def _require_connection(self) -> None:
        self._scheduler.pause()
        if self._is_reset:
            raise ConnectionResetError("Connection reset by peer")


class SimulatedTransport(asyncio.Transport):
    """The connecting side, for a protocol of ``asyncio``."""

    def __init__(
        self, loop: "SimulatedEventLoop", protocol: Any, stream: Stream, peer: tuple[str, int]
    ) -> None:
        super().__init__({"peername": peer, "sockname": ("127.0.0.1", 0)})
        self._loop = loop
        self._protocol = protocol
        self._stream = stream
        self._expected: deque[bytes | None] = deque()
        self._arriving: deque[bytes | None] = deque()
        self._is_closing = self._is_paused = False
        self.underway = 0
        stream.connect(self)
        if loop.process is not None:
            loop.process.at_death.append(self._die)

    def take(self, due: int, data: bytes | None) -> None:
        """Take what the listener sends, from its thread; ``None`` is a reset."""
        if not self._is_closing and not self._loop.is_closed():
            self.underway += len(data or _END)
            self._expected.append(data)
            self._loop.call_soon_threadsafe(self._expect, due)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes to the listener."""
        if data and not self._is_closing:
            self._stream.take(bytes(data))

    def can_write_eof(self) -> bool:
        """Return that one side may end before the other."""
        return True

    def write_eof(self) -> None:
        """Send nothing more, and go on reading."""
        self._stream.take(_END)

    def is_closing(self) -> bool:
        """Return whether it is closed or being closed."""
        return self._is_closing

    def close(self) -> None:
        """Close it; what was sent still arrives."""
        if not self._is_closing:
            self._stream.take(_END)
            self._stream.leave_alone()
            self._end(None)

    def abort(self) -> None:
        """Close it at once."""
        if not self._is_closing:
            self._stream.abandon()
            self._end(None)

    def is_reading(self) -> bool:
        """Return whether the protocol gets what arrives."""
        return not self._is_paused and not self._is_closing

    def pause_reading(self) -> None:
        """Keep back what arrives."""
        self._is_paused = True

    def resume_reading(self) -> None:
        """Hand on what was kept back."""
        self._is_paused = False
        self._loop.call_soon(self._deliver)

    def set_protocol(self, protocol: Any) -> None:
        """Set who gets what arrives."""
        self._protocol = protocol

    def get_protocol(self) -> Any:
        """Return who gets what arrives."""
        return self._protocol

    def get_write_buffer_size(self) -> int:
        """Return 0: everything is underway at once."""
        return 0

    def _expect(self, due: int) -> None:
        left = max(0, due - self._loop.scheduler.now)
        self._loop.call_later(left / _SECOND, self._arrive)

    def _arrive(self) -> None:
        self._arriving.append(self._expected.popleft())
        self._deliver()

    def _deliver(self) -> None:
        while self._arriving and not self._is_paused and not self._is_closing:
            data = self._arriving.popleft()
            self.underway -= len(data or _END)
            self._stream.look()
            if data is None:
                self._end(ConnectionResetError("Connection reset by peer"))
            elif data:
                self._protocol.data_received(data)
            elif not self._protocol.eof_received():
                self.close()

    def _end(self, error: Exception | None) -> None:
        self._is_closing = True
        if self._loop.process is not None and self._die in self._loop.process.at_death:
            self._loop.process.at_death.remove(self._die)
        self._loop.call_soon(self._protocol.connection_lost, error)

    def _die(self) -> None:
        """Let the listener know that the process on this side was killed."""
        self._is_closing = True
        self._stream.abandon()


def _microseconds(seconds: float) -> int:
    return int(seconds * _SECOND)
