"""Callers of single commands in two processes on one ledger in PostgreSQL.

Run with ``python -m benchmarks.processes``. Each caller is a task that sends one order of 3 lines,
awaits its outcome and sends the next, for a window of time. Printed is how the callers fare when
they are spread over two processes instead of one, and the longest time without an answer: also when
a process was idle for a while and comes back. All share this machine's cores with the server.
"""

import asyncio
import subprocess
import sys
import time
from itertools import pairwise
from statistics import median

import orjson

from benchmarks.databases import database
from benchmarks.workload import as_the_command_line_runs, fill, order_rows, setup
from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.ledger.store import open_ledger

CALLERS, ROUNDS, SECONDS, MOST_PER_SECOND = (8, 32), 3, 4.0, 8_000

Windows = list[tuple[float, float]]
"""When a process sells: seconds after the beginning."""

LEAVES, RETURNS, ENDS = 1.0, 5.0, 8.0
ALWAYS: Windows = [(0.0, SECONDS)]


def sell(url: str, number: int, callers: int, hot: bool, windows: Windows) -> None:
    """Let callers order during some windows after the time that is read from standard input.

    Prints when each order was answered.
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
        with GroupedSubmission(ledger) as submitter:
            for start, end in windows:
                time.sleep(max(begin + start - time.time(), 0))
                asyncio.run(call_together(submitter, begin + end))
    print(orjson.dumps([each - begin for each in answered]).decode())


def together(url: str, callers: int, hot: bool, sellers: list[Windows]) -> list[list[float]]:
    """Return when each order was answered, of every process."""
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
    begin = time.time() + 0.2
    for each in running:
        assert each.stdin is not None
        each.stdin.write(f"{begin}\n")
    return [orjson.loads(each.communicate()[0]) for each in running]


def longest_pause(answered: list[float], start: float, end: float) -> float:
    """Return the longest time without an answer between two times."""
    inside = [start, *(each for each in sorted(answered) if start < each < end), end]
    return max(later - earlier for earlier, later in pairwise(inside))


def main() -> None:
    """Print the tables."""
    if len(sys.argv) == 2:
        sell(*orjson.loads(sys.argv[1]))
        return
    print(f"Callers in one process and in two, orders of 3 lines, median of {ROUNDS}")
    print(f"{'':10}{'callers':>8}{'one, orders/s':>15}{'two, orders/s':>15}{'of one':>8}"
          f"{'longest pause':>15}")
    with database("postgresql") as place:
        for hot in (False, True):
            for callers in CALLERS:
                speeds: dict[int, list[float]] = {1: [], 2: []}
                pauses = []
                for _ in range(ROUNDS):
                    for processes in (1, 2):
                        all_answers = together(
                            place.new_url(), callers // processes, hot, [ALWAYS] * processes
                        )
                        speeds[processes].append(sum(map(len, all_answers)) / SECONDS)
                    pauses += [longest_pause(each, 0.0, SECONDS) for each in all_answers]
                one, two = median(speeds[1]), median(speeds[2])
                print(f"{'hot' if hot else 'uniform':10}{callers:8}{one:15,.0f}{two:15,.0f}"
                      f"{two / one:8.2f}{max(pauses) * 1e3:12,.0f} ms")
        print(f"\nOne process is idle from second {LEAVES} to {RETURNS}, hot items, 8 callers each")
        for _ in range(ROUNDS):
            idle, busy = together(
                place.new_url(), 8, True, [[(0.0, LEAVES), (RETURNS, ENDS)], [(0.0, ENDS)]]
            )
            meanwhile = sum(LEAVES < each < RETURNS for each in busy)
            before = longest_pause(busy, LEAVES, RETURNS)
            theirs, its = (longest_pause(each, RETURNS, ENDS) for each in (busy, idle))
            print(f"others sold {meanwhile:,} orders meanwhile, longest pause {before * 1e3:,.0f} "
                  f"ms; after the return {theirs * 1e3:,.0f} ms, its own {its * 1e3:,.0f} ms")


if __name__ == "__main__":
    main()
