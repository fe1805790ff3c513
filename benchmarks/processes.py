"""Callers of single commands in two processes on one ledger in PostgreSQL.

Run with ``python -m benchmarks.processes``. Each caller is a task that sends one order of 3 lines,
awaits its outcome and sends the next, for a window of time. Printed is how the callers fare when
they are spread over two processes instead of one, what an order takes of all processors, the
server's part included, and the longest time without an answer: also when a process was idle for a
while and comes back. All share this machine's cores with the server.
"""

import asyncio
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import orjson

from benchmarks.databases import MeasuredDatabase, database
from benchmarks.workload import as_the_command_line_runs, fill, order_rows, setup
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.ledger.store import open_ledger

CALLERS, ROUNDS, SECONDS, MOST_PER_SECOND = (8, 32), 3, 4.0, 8_000

Windows = list[tuple[float, float]]
"""When a process sells: seconds after the beginning."""

LEAVES, RETURNS, ENDS = 1.0, 5.0, 8.0
ALWAYS: Windows = [(0.0, SECONDS)]


class Sold(NamedTuple):
    """When each order was answered, of every process, and the processor time of an order."""

    answered: list[list[float]]
    microseconds: float


def sell(url: str, number: int, callers: int, hot: bool, windows: Windows) -> None:
    """Let callers order during some windows after the time that is read from standard input.

    Prints when each order was answered, and the processor time that it took.
    """
    model = COMMANDS["place-order"]
    most = int(MOST_PER_SECOND * sum(end - start for start, end in windows))
    waiting = [
        model.model_validate({key: value for key, value in row.items() if key != "command"})
        for row in order_rows(most, hot=hot, seed=number, name=f"P{number}")
    ]
    answered: list[float] = []

    async def call(submitter: GroupedSubmission, until: float) -> None:
        while time.time() < until:
            result = await submitter.submit_async(waiting.pop())
            assert result.status == "accepted", result
            answered.append(time.time())

    async def call_together(submitter: GroupedSubmission, until: float) -> None:
        await asyncio.gather(*(call(submitter, until) for _ in range(callers)))

    with open_ledger(url) as ledger, as_the_command_line_runs():
        ledger.writer.aggregates.prefetch(ledger.streams("stock"))
        print("ready", flush=True)
        begin = float(input())
        used = time.process_time()
        with GroupedSubmission(ledger) as submitter:
            for start, end in windows:
                time.sleep(max(begin + start - time.time(), 0))
                asyncio.run(call_together(submitter, begin + end))
        used = time.process_time() - used
    print(orjson.dumps([used, [each - begin for each in answered]]).decode())


def server_seconds(place: MeasuredDatabase) -> float:
    """Return the processor time of the server's processes that have ended."""
    assert place.server is not None
    process = (place.server.folder / "data" / "postmaster.pid").read_text().split()[0]
    used = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[13:15]
    return sum(map(int, used)) / os.sysconf("SC_CLK_TCK")


def together(
    place: MeasuredDatabase, callers: int, hot: bool, sellers: list[Windows]
) -> Sold:
    """Let a process for each of the sellers sell on a new ledger, with so many callers each."""
    url = place.new_url()
    with open_ledger(url) as ledger:
        fill(ledger, setup())
    running = []
    for number, windows in enumerate(sellers):
        asked = orjson.dumps([url, number, callers, hot, windows]).decode()
        command = [sys.executable, "-m", "benchmarks.processes", asked]
        running.append(subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        ))
    for each in running:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    of_server = server_seconds(place)
    begin = time.time() + 0.2
    for each in running:
        assert each.stdin is not None
        each.stdin.write(f"{begin}\n")
    used, answered = zip(*(orjson.loads(each.communicate()[0]) for each in running), strict=True)
    seconds = sum(used) + server_seconds(place) - of_server
    return Sold(list(answered), seconds / sum(map(len, answered)) * 1e6)


def longest_pause(answered: list[float], start: float, end: float) -> float:
    """Return the longest time without an answer between two times."""
    inside = [start, *(each for each in sorted(answered) if start < each < end), end]
    return max(later - earlier for earlier, later in pairwise(inside))


def print_shared(place: MeasuredDatabase, callers: int, hot: bool) -> None:
    """Print how callers fare in one process, the same in two, and as many in each of two."""
    ways = [(1, callers), (2, callers // 2), (2, callers)]
    rounds = [
        [together(place, each, hot, [ALWAYS] * processes) for processes, each in ways]
        for _ in range(ROUNDS)
    ]
    speed_of_one = 0.0
    for (processes, each), sold in zip(ways, zip(*rounds, strict=True), strict=True):
        speed = median(sum(map(len, one.answered)) / SECONDS for one in sold)
        speed_of_one = speed_of_one or speed
        used = median(one.microseconds for one in sold)
        pause = max(longest_pause(times, 0, SECONDS) for one in sold for times in one.answered)
        print(f"{'hot' if hot else 'uniform':10}{processes:10}{each:13}{speed:10,.0f}"
              f"{speed / speed_of_one:8.2f}{used:10,.0f}{pause * 1e3:12,.0f} ms", flush=True)


def main() -> None:
    """Print the tables."""
    if len(sys.argv) == 2:
        sell(*orjson.loads(sys.argv[1]))
        return
    print(f"Callers in one process and in two, orders of 3 lines, median of {ROUNDS}")
    print(f"{'':10}{'processes':>10}{'callers each':>13}{'orders/s':>10}{'of one':>8}"
          f"{'us/order':>10}{'longest pause':>15}")
    with database("postgresql") as place:
        for hot in (False, True):
            for callers in CALLERS:
                print_shared(place, callers, hot)
        print(f"\nOne process is idle from second {LEAVES} to {RETURNS}, hot items, 8 callers each")
        for _ in range(ROUNDS):
            idle, busy = together(
                place, 8, True, [[(0.0, LEAVES), (RETURNS, ENDS)], [(0.0, ENDS)]]
            ).answered
            meanwhile = sum(LEAVES < each < RETURNS for each in busy)
            before = longest_pause(busy, LEAVES, RETURNS)
            theirs, its = (longest_pause(each, RETURNS, ENDS) for each in (busy, idle))
            print(f"others sold {meanwhile:,} orders meanwhile, longest pause {before * 1e3:,.0f} "
                  f"ms; after the return {theirs * 1e3:,.0f} ms, its own {its * 1e3:,.0f} ms")


if __name__ == "__main__":
    main()
