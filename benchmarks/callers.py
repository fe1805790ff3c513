"""How concurrent callers of single commands fare, and what one command costs one caller.

Run with ``python -m benchmarks.callers``. Each caller is a task that sends one order of 3 lines,
awaits its outcome and sends the next. The limits, in the same run: bare inserts of the same event
rows in commits of 32 orders, and of one.
"""

import asyncio
from itertools import count
from statistics import median, quantiles
from time import perf_counter

from benchmarks.databases import KINDS, MeasuredDatabase, cut, database, rows_after, total
from benchmarks.workload import fill, order_rows, setup
from stocktrail.commands.model import COMMANDS, Command
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import Ledger, open_ledger

CALLERS = (1, 8, 32, 128)
COMMANDS_EACH_ROUND, ALONE = 4_000, 400

_names = count()


def orders(number: int) -> list[Command]:
    """Return orders that nobody has placed before, as commands."""
    model = COMMANDS["place-order"]
    rows = order_rows(number, hot=False, seed=next(_names), name=f"R{next(_names)}")
    return [model.model_validate({k: v for k, v in row.items() if k != "command"}) for row in rows]


def concurrently(ledger: Ledger, callers: int) -> list[float]:
    """Let callers share a list of orders; give the seconds that each order took, and their sum."""
    waiting = orders(COMMANDS_EACH_ROUND)
    took: list[float] = []

    async def caller(submitter: GroupedSubmission) -> None:
        while waiting:
            command = waiting.pop()
            began = perf_counter()
            result = await submitter.submit_async(command)
            took.append(perf_counter() - began)
            assert result.status == "accepted", result

    async def run(submitter: GroupedSubmission) -> None:
        await asyncio.gather(*(caller(submitter) for _ in range(callers)))

    with GroupedSubmission(ledger) as submitter:
        began = perf_counter()
        asyncio.run(run(submitter))
        return [perf_counter() - began, *took]


def alone(place: MeasuredDatabase, ledger: Ledger) -> None:
    """Print what a single command takes, beside a bare insert and commit of its rows."""
    before, took = ledger.head().position, []
    for command in orders(ALONE):
        began = perf_counter()
        submit_one(ledger, command)
        took.append(perf_counter() - began)
    bare = [each.clock for each in place.bare_events(cut(rows_after(ledger, before), ALONE))]
    print(
        f"{place.kind:12}single command {median(took) * 1e6:,.0f} us, bare insert and commit "
        f"{median(bare) * 1e6:,.0f} us: {median(took) / median(bare):.2f} times"
    )


def main() -> None:
    """Print the table."""
    print(f"Single commands by concurrent callers, {COMMANDS_EACH_ROUND:,} orders of 3 lines each")
    print(f"{'':12}{'callers':>8}{'orders/s':>10}{'p50 ms':>9}{'p99 ms':>9}{'p99/p50':>9}")
    for kind in KINDS:
        with database(kind) as place, open_ledger(place.new_url()) as ledger:
            fill(ledger, setup())
            speed_of_32 = 0.0
            before = ledger.head().position
            for callers in CALLERS:
                whole, *took = concurrently(ledger, callers)
                steps = quantiles(took, n=100)
                print(
                    f"{kind:12}{callers:8}{len(took) / whole:10,.0f}{steps[49] * 1e3:9.2f}"
                    f"{steps[98] * 1e3:9.2f}{steps[98] / steps[49]:9.1f}"
                )
                if callers == 32:
                    speed_of_32 = len(took) / whole
            rows = rows_after(ledger, before)[: 4 * COMMANDS_EACH_ROUND]
            groups = cut(rows, COMMANDS_EACH_ROUND // 32)
            bare = COMMANDS_EACH_ROUND / total(place.bare_events(groups)).clock
            print(f"{kind:12}bare groups of 32: {bare:,.0f}/s; 32 callers reach "
                  f"{speed_of_32 / bare:.2f} of it")
            alone(place, ledger)


if __name__ == "__main__":
    main()
