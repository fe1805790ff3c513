"""How many single commands a second the service takes, and how fast a script goes through it.

Run with ``python -m benchmarks.http [DATABASE_URL]``. Orders of 3 lines over 10,000 items are sent
to ``stocktrail serve`` in a process of its own, one a request, by 1, 8 and 64 clients that each
wait for their answer; in turns with them the same bodies go to an empty route of the same server,
which is the limit. Then orders go as JSON Lines in one request, and through ``stocktrail submit``
in a process beside it: of a long and of a short script the difference, which leaves out starting.
Clients share the machine with the service, so the processor time of the service is stated too: all
of it, until the read models have followed.
"""

import asyncio
import json
import os
import random
import resource
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, sleep
from typing import Any, NamedTuple
from urllib.parse import urlsplit
from urllib.request import urlopen

from benchmarks.databases import KINDS, database
from benchmarks.empty_route import PATH
from benchmarks.serving import Served, serving

ITEMS, LINES, SECONDS, ROUNDS = 10_000, 3, 2.0, 3
SHORT, LONG = 1_000, 6_000
CLIENTS = (1, 8, 64)

Command = dict[str, Any]

_names = count()


class Speed(NamedTuple):
    """What a second took, and what one took: by the clock at half and at 99 %, and of a core."""

    rate: float
    half_ms: float
    most_ms: float
    core_us: float


def setup() -> Iterator[Command]:
    """Receive every item, and allow backorders."""
    yield {"command": "set-backorder-policy", "backorders": "allow"}
    for number in range(ITEMS):
        yield {"command": "register-product", "sku": f"I{number}"}
        yield {"command": "receive-stock", "sku": f"I{number}", "quantity": 500}


def order(name: str, chance: random.Random) -> Command:
    """Order three items."""
    return {
        "command": "place-order", "id": name, "order": name, "customer": "C",
        "lines": [
            {"sku": f"I{chance.randrange(ITEMS)}", "quantity": chance.randint(1, 5),
             "unit_price": "9.99"}
            for _ in range(LINES)
        ],
    }


def script(commands: Iterator[Command]) -> bytes:
    """Write commands as JSON Lines."""
    return b"".join(json.dumps(command).encode() + b"\n" for command in commands)


class Client:
    """A client over one connection that is kept open, doing as little as possible."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address

    async def connect(self) -> "Client":
        """Connect to the service."""
        self._reader, self._writer = await asyncio.open_connection(*self._address)
        return self

    def close(self) -> None:
        """Let go of the connection."""
        self._writer.close()

    async def send(
        self, body: bytes, kind: str = "application/json", path: str = "/commands"
    ) -> int:
        """Send commands and wait for the end of the answer; give its status."""
        self._writer.write(
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}".encode()
            + b"\r\nContent-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
        )
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        if b"transfer-encoding: chunked" in head:
            while size := int(await self._reader.readline(), 16):
                await self._reader.readexactly(size + 2)
            await self._reader.readline()
        else:
            length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
            await self._reader.readexactly(int(length))
        return int(head[9:12])


async def _singly(
    address: tuple[str, int], clients: int, path: str
) -> tuple[list[float], float]:
    """Send orders one a request; give the seconds of each, and of all."""
    seconds: list[float] = []
    until = perf_counter() + SECONDS

    async def buy(number: int) -> None:
        chance = random.Random(number)
        client = await Client(address).connect()
        while (began := perf_counter()) < until:
            body = json.dumps(order(f"S-{next(_names)}", chance)).encode()
            status = await client.send(body, path=path)
            assert status == 201, status
            seconds.append(perf_counter() - began)
        client.close()

    began = perf_counter()
    await asyncio.gather(*(buy(number) for number in range(clients)))
    return seconds, perf_counter() - began


def singly(served: Served, clients: int, path: str) -> Speed:
    """Measure single requests to an address."""
    used = _settled_seconds(served)
    seconds, whole = asyncio.run(_singly(_address(served.url), clients, path))
    used = _settled_seconds(served) - used
    cuts = quantiles(seconds, n=100)
    return Speed(
        len(seconds) / whole, cuts[49] * 1e3, cuts[98] * 1e3, used * 1e6 / len(seconds)
    )


def processor_seconds(process: int) -> float:
    """Return the seconds of a core that a process has used."""
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def _settled_seconds(served: Served) -> float:
    """Wait until the read models have followed; give the seconds of a core used until then."""
    while True:
        with urlopen(f"{served.url}/status") as answer:
            status = json.load(answer)
        if status["read_models"][0]["position"] == status["head"]:
            return processor_seconds(served.process)
        sleep(0.1)


async def streamed(address: tuple[str, int], commands: bytes) -> None:
    """Send a script in one request, and read its results."""
    client = await Client(address).connect()
    assert await client.send(commands, "application/jsonl") == 200
    client.close()


def over_http(served: Served, commands: bytes) -> tuple[float, float]:
    """Send a script in one request; give the seconds by the clock, and of the service's core."""
    used, began = _settled_seconds(served), perf_counter()
    asyncio.run(streamed(_address(served.url), commands))
    seconds = perf_counter() - began
    return seconds, _settled_seconds(served) - used


def submitted(database_url: str, commands: bytes) -> tuple[float, float]:
    """Send a script by the command line; give the seconds by the clock, and of a core."""
    used, began = _of_children(), perf_counter()
    subprocess.run(
        [sys.executable, "-m", "stocktrail", "submit", "-", "--json", "--database",
         database_url],
        input=commands, stdout=subprocess.DEVNULL, check=True,
    )
    return perf_counter() - began, _of_children() - used


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def measure(database_url: str) -> None:
    """Measure one database, and print the tables."""
    with serving(database_url, ("benchmarks.empty_route",)) as served:
        asyncio.run(streamed(_address(served.url), script(setup())))
        print(f"one order a request, median of {ROUNDS}, and of the empty route by clock and core")
        print(f"{'clients':>10}{'':>10}{'requests/s':>12}{'p50 ms':>9}{'p99 ms':>9}{'core us':>9}")
        for clients in CLIENTS:
            measured: dict[str, list[Speed]] = {PATH: [], "/commands": []}
            for _ in range(ROUNDS):
                for path, speeds in measured.items():
                    speeds.append(singly(served, clients, path))
            empty, one = (
                Speed(*map(median, zip(*each, strict=True))) for each in measured.values()
            )
            for name, speed in (("empty", empty), ("order", one)):
                print(f"{clients:>10}{name:>10}{speed.rate:>12,.0f}{speed.half_ms:>9.1f}"
                      f"{speed.most_ms:>9.1f}{speed.core_us:>9,.0f}")
            print(f"{'':>20}{one.rate / empty.rate:>12.2f}{empty.core_us / one.core_us:>27.2f}")
        of_http = [
            [over_http(served, _orders(size)) for size in (SHORT, LONG)] for _ in range(ROUNDS)
        ]
    of_command_line = [
        [submitted(database_url, _orders(size)) for size in (SHORT, LONG)] for _ in range(ROUNDS)
    ]
    print(f"{LONG:,} orders as JSON Lines but for the first {SHORT:,}, median of {ROUNDS}")
    print(f"{'':>24}{'orders/s':>12}{'core us':>9}")
    (rate, core), (limit, core_limit) = map(_difference, (of_http, of_command_line))
    print(f"{'over HTTP':>24}{rate:>12,.0f}{core:>9,.0f}")
    print(f"{'stocktrail submit':>24}{limit:>12,.0f}{core_limit:>9,.0f}")
    print(f"{'':>24}{rate / limit:>12.2f}{core_limit / core:>9.2f}")


def _orders(size: int) -> bytes:
    name = next(_names)
    chance = random.Random(name)
    return script(order(f"J-{name}-{number}", chance) for number in range(size))


def _difference(rounds: list[list[tuple[float, float]]]) -> tuple[float, float]:
    """Return orders a second, and the microseconds of a core for one, of what LONG has more."""
    more = LONG - SHORT
    return (
        median(more / (long[0] - short[0]) for short, long in rounds),
        median((long[1] - short[1]) * 1e6 / more for short, long in rounds),
    )


def main() -> None:
    """Measure both databases, or the one that is named."""
    if len(sys.argv) > 1:
        measure(sys.argv[1])
        return
    for kind in KINDS:
        with database(kind) as place:
            print(f"{kind}, {os.cpu_count()} cores, orders of {LINES} lines over {ITEMS:,} items")
            measure(place.new_url())


if __name__ == "__main__":
    main()
