"""What a decision looks at when the queue of an item is long: no line that cannot matter.

What is counted is how many lines of Python run: with ten times as many lines that wait, or that
hold units, there must be no more of them.
"""

from datetime import date
from functools import partial

import pytest

from stocktrail.ledger.line_units import OrderLines
from stocktrail.ledger.stock import reservations
from tests.counted import counted
from tests.ledger.decisions import cancel, count, receive, reschedule
from tests.ledger.facts import pool_defined, received, registered, reserved, source_registered
from tests.scenes import Decision, Scene

FEW, MANY = 40, 400


def queue_of(number: int) -> Scene:
    """Let lines hold units in one pool, and wait in another that reaches another source."""
    return Scene([
        registered(), source_registered("far"), pool_defined("far", "far"), received(number + 1),
        *(reserved(f"SO-{n}", 1) for n in range(number)),
        *(reserved(f"FAR-{n}", 1, waits_for=1, pool="far") for n in range(number)),
    ])


def prioritise(order: str) -> Decision:
    """Put an order first."""
    return lambda scene: reservations.prioritise(scene.stock, OrderLines(order, [1]), 1)


def move(giver: str, taker: str) -> Decision:
    """Move a unit from one order to another, which wants too many."""
    return lambda scene: reservations.move(
        scene.stock, scene.settings, OrderLines(giver, [1]), OrderLines(taker, [1]), 0, "x", None
    )


DECISIONS: dict[str, Decision] = {
    "units come that the lines that wait cannot reach": receive(9),
    "a line gets units": receive(1, "far"),
    "an order comes first": prioritise("FAR-9"),
    "an order comes sooner": reschedule("FAR-9", line_1=date(2026, 2, 1)),
    "an order that waits is cancelled": cancel("FAR-9", 1),
    "an order that has units is cancelled": cancel("SO-9", 1),
    "nothing is moved by hand": move("SO-9", "FAR-9"),
}


@pytest.mark.parametrize("what", DECISIONS)
def test_a_decision_takes_no_more_work_when_more_lines_are_open(what: str) -> None:
    few, many = (counted(partial(DECISIONS[what], queue_of(size))) for size in (FEW, MANY))
    assert many <= 1.1 * few


def test_to_take_a_unit_back_takes_no_more_work_once_it_is_known_who_is_last() -> None:
    def work(size: int) -> int:
        scene = queue_of(size)
        for event in count(size - 1)(scene):
            scene.happen(event)
        return counted(lambda: count(size - 2)(scene))

    assert work(MANY) <= 1.1 * work(FEW)
