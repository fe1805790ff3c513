"""Rule 4.4: what supply no longer carries is revoked from the end of the queue, as events."""

from datetime import date

import pytest

from stocktrail.ledger.base.event import Event
from tests.ledger.decisions import adjust, count, define_pool, disable, set_status, transfer
from tests.ledger.facts import (
    adjusted,
    allocated,
    counted,
    pool_defined,
    received,
    registered,
    reserved,
    revoked,
    source_disabled,
    source_registered,
    status_set,
    transferred,
    two_pools,
)
from tests.scenes import Decision, given


@pytest.mark.parametrize(
    ("decision", "fact", "lost"),
    [
        (count(7), counted(7, delta=-3), 3),
        (adjust(-3), adjusted(-3), 3),
        (transfer(3, "default", "aside"), transferred(3, "default", "aside"), 3),
        (set_status("out_of_stock"), status_set("out_of_stock"), 10),
        (disable("default"), source_disabled(), 10),
        (define_pool("default", "aside"), pool_defined("default", "aside"), 10),
    ],
)
def test_whatever_makes_supply_shrink_revokes(decision: Decision, fact: Event, lost: int) -> None:
    shop = given(registered(), source_registered("aside"), received(10), reserved("SO-1", 10))
    shop = shop.when(decision).then(revoked(lost, "SO-1"), fact)
    assert shop.lines() == {("SO-1", 1): (10 - lost, lost)}


def test_nothing_is_revoked_while_supply_still_carries_it() -> None:
    shop = given(registered(), received(10), reserved("SO-1", 4))
    shop.when(count(4)).then(counted(4, delta=-6))


@pytest.mark.parametrize(
    ("left", "losses"), [(9, [("SO-4", 1)]), (5, [("SO-3", 1), ("SO-4", 4)]), (0, None)]
)
def test_the_last_in_the_queue_lose_first(left: int, losses: list[tuple[str, int]] | None) -> None:
    shop = given(
        registered(),
        received(10),
        reserved("SO-4", 4, priority=7),
        reserved("SO-3", 3, day=date(2027, 1, 1)),
        reserved("SO-1", 1, priority=1),
        reserved("SO-2", 2),
    )
    if losses is None:
        losses = [("SO-1", 1), ("SO-2", 2), ("SO-3", 3), ("SO-4", 4)]
    revocations = [revoked(quantity, order) for order, quantity in losses]
    shop.when(count(left)).then(*revocations, counted(left, delta=left - 10))


def test_only_lines_whose_pool_lost_something_it_needs_are_touched() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "shared"),
        received(5, "of-b"),
        reserved("SO-1", 5, pool="A"),
        reserved("SO-2", 5, pool="B"),
    )
    shop.when(count(3, "shared")).then(
        revoked(2, "SO-1", pool="A"), counted(3, delta=-2, source="shared")
    )


def test_the_first_in_the_queue_takes_shared_units_from_the_last_in_another_pool() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "shared"),
        received(5, "of-a"),
        reserved("SO-1", 5, pool="A"),
        reserved("SO-2", 5, pool="B"),
    )
    shop.when(count(2, "of-a")).then(
        revoked(3, "SO-2", pool="B"), counted(2, delta=-3, source="of-a")
    )


def test_a_transfer_between_pools_takes_back_here_and_serves_there() -> None:
    shop = given(
        *two_pools(),
        registered(),
        received(5, "of-a"),
        reserved("SO-1", 5, pool="A"),
        reserved("SO-2", 5, waits_for=5, pool="B"),
    )
    shop.when(transfer(2, "of-a", "of-b")).then(
        revoked(2, "SO-1", pool="A"),
        transferred(2, "of-a", "of-b"),
        allocated(2, "SO-2", pool="B"),
    )


def test_a_transfer_into_the_shared_source_still_carries_the_same_lines() -> None:
    shop = given(*two_pools(), registered(), received(5, "of-a"), reserved("SO-1", 5, pool="A"))
    shop.when(transfer(5, "of-a", "shared")).then(transferred(5, "of-a", "shared"))
