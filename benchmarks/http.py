"""How many single commands a second the service takes, and how fast a script goes through it.

Run with ``python -m benchmarks.http [DATABASE_URL]``. Orders of 3 lines over 10,000 items are sent
to ``stocktrail serve`` in a process of its own, one a request, by 1, 8, 32 and 64 clients that each
wait for their answer, with what each takes of a core in the service; then as JSON Lines in one
request, and by ``stocktrail submit`` in a process
beside it. Clients share the machine with the service.
"""

import asyncio
import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import quantiles
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from benchmarks.databases import KINDS, database
from benchmarks.serving import serving

ITEMS, LINES, SECONDS, SCRIPT = 10_000, 3, 4.0, 5_000
CLIENTS = (1, 8, 32, 64)

Command = dict[str, Any]


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

    async def send(self, body: bytes, kind: str = "application/json") -> int:
        """Send commands and wait for the end of the answer; give its status."""
        self._writer.write(
            b"POST /commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + kind.encode()
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


async def singly(address: tuple[str, int], clients: int) -> tuple[float, float, float]:
    """Send orders one a request; give requests a second, and p50 and p99 in milliseconds."""
    seconds: list[float] = []
    until = perf_counter() + SECONDS

    async def buy(number: int) -> None:
        chance = random.Random(number)
        client = await Client(address).connect()
        count = 0
        while (began := perf_counter()) < until:
            count += 1
            body = json.dumps(order(f"{clients}-{number}-{count}", chance)).encode()
            status = await client.send(body)
            assert status == 201, status
            seconds.append(perf_counter() - began)
        client.close()

    began = perf_counter()
    await asyncio.gather(*(buy(number) for number in range(clients)))
    cuts = quantiles(seconds, n=100)
    return len(seconds) / (perf_counter() - began), cuts[49] * 1000, cuts[98] * 1000


def processor_seconds(process: int) -> float:
    """Return the seconds of a core that a process has used."""
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


async def streamed(address: tuple[str, int], commands: bytes) -> float:
    """Send a script in one request; give the seconds until its last result."""
    client = await Client(address).connect()
    began = perf_counter()
    assert await client.send(commands, "application/jsonl") == 200
    client.close()
    return perf_counter() - began


def submitted(database_url: str, commands: bytes) -> float:
    """Send a script by the command line; give the seconds that the process takes."""
    began = perf_counter()
    subprocess.run(
        [sys.executable, "-m", "stocktrail", "submit", "-", "--json", "--database",
         database_url],
        input=commands, stdout=subprocess.DEVNULL, check=True,
    )
    return perf_counter() - began


def _address(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def measure(database_url: str) -> None:
    """Measure one database, and print the tables."""
    chance = random.Random(1)
    with serving(database_url) as (url, process):
        address = _address(url)
        asyncio.run(streamed(address, script(setup())))
        print("one order a request, one after the other per client")
        print(f"{'clients':>10}{'requests/s':>14}{'p50 ms':>10}{'p99 ms':>10}{'core ms each':>14}")
        for clients in CLIENTS:
            used = processor_seconds(process)
            rate, half, most = asyncio.run(singly(address, clients))
            used = (processor_seconds(process) - used) * 1000 / (rate * SECONDS)
            print(f"{clients:>10}{rate:>14,.0f}{half:>10.1f}{most:>10.1f}{used:>14.2f}")
        over_http = script(order(f"h-{number}", chance) for number in range(SCRIPT))
        seconds = asyncio.run(streamed(address, over_http))
    by_hand = script(order(f"c-{number}", chance) for number in range(SCRIPT))
    print(f"{SCRIPT:,} orders as JSON Lines, orders/s")
    print(f"{'over HTTP':>24}{SCRIPT / seconds:>10,.0f}")
    print(f"{'stocktrail submit':>24}{SCRIPT / submitted(database_url, by_hand):>10,.0f}")


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
