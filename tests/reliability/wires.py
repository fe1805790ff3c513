"""A wire between this machine and a network namespace, to be cut and worsened as root may."""

import os
import subprocess
from types import TracebackType
from typing import Self

_BAD_WIRES = (
    "netem delay {milliseconds}ms {jitter}ms loss {percent}%",
    "tbf rate {kilobits}kbit burst 3000 latency {milliseconds}ms",
)
"""Delay and loss as the kernel has them: those of ``netem``, or else a narrow wire that loses what
waits too long."""


class Wire:
    """Two network interfaces that are connected; a context manager.

    ``here`` and ``there`` are the addresses of its ends. What runs ``within`` the namespace reaches
    nothing but this machine, and that through the wire alone.
    """

    def __init__(self, number: int) -> None:
        self._namespace = f"stocktrail-{os.getpid()}-{number}"
        self._end = f"st{os.getpid() % 1_000_000}h"
        net = f"10.231.{os.getpid() % 250 + 1}"
        first = 4 * (os.getpid() // 250 % 60)
        self.here, self.there = f"{net}.{first + 1}", f"{net}.{first + 2}"

    @property
    def within(self) -> tuple[str, ...]:
        """The words that run a command in the namespace."""
        return ("ip", "netns", "exec", self._namespace)

    def __enter__(self) -> Self:
        other = f"{self._end[:-1]}t"
        _run("ip", "netns", "add", self._namespace)
        try:
            _run("ip", "link", "add", self._end, "type", "veth", "peer", "name", other,
                 "netns", self._namespace)
            _run("ip", "addr", "add", f"{self.here}/30", "dev", self._end)
            _run("ip", "link", "set", self._end, "up")
            _run(*self.within, "ip", "addr", "add", f"{self.there}/30", "dev", other)
            _run(*self.within, "ip", "link", "set", other, "up")
            _run(*self.within, "ip", "link", "set", "lo", "up")
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the wire and the namespace."""
        subprocess.run(["ip", "link", "del", self._end], capture_output=True, check=False)
        _run("ip", "netns", "del", self._namespace)

    def cut(self) -> None:
        """Let everything be lost from now on."""
        _run("ip", "link", "set", self._end, "down")

    def mend(self) -> None:
        """Let everything through from now on, as fast as it can."""
        _run("ip", "link", "set", self._end, "up")
        subprocess.run(
            ["tc", "qdisc", "del", "dev", self._end, "root"], capture_output=True, check=False
        )

    def worsen(self, milliseconds: int, percent: int) -> None:
        """Delay what passes, and lose some of it."""
        for bad in _BAD_WIRES:
            words = bad.format(
                milliseconds=milliseconds, jitter=milliseconds // 2, percent=percent,
                kilobits=max(16, 800 // percent),
            )
            done = subprocess.run(
                ["tc", "qdisc", "replace", "dev", self._end, "root", *words.split()],
                capture_output=True, text=True, check=False,
            )
            if done.returncode == 0:
                return
        raise RuntimeError(done.stderr)


def wires_are_permitted() -> bool:
    """Return whether this process may make network namespaces and wires."""
    if os.geteuid() != 0:
        return False
    try:
        with Wire(0) as wire:
            wire.worsen(10, 10)
    except (OSError, RuntimeError):
        return False
    return True


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
