"""One rebuilds at a time: others wait and know how far it is, and go on where it was killed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.side_tables.owners import is_dead
from stocktrail.projections import ReadModels
from stocktrail.projections.catching_up import CatchingUp
from stocktrail.projections.folding import shadow_tables
from stocktrail.projections.folding.order_side import OrderProjector
from stocktrail.projections.folding.projector import READ_MODELS
from stocktrail.projections.folding.shadow_tables import index_statements
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.models import version
from stocktrail.projections.rebuild import lease, rebuild, turn
from stocktrail.projections.rebuild.lease import begin_lease
from stocktrail.projections.rebuild.unfinished import unfinished_rebuild
from stocktrail.projections.verify import verify
from tests.projections import test_promises_whatever_happens as promises
from tests.projections.shop import Shop
from tests.projections.test_history import a_busy_week
from tests.projections.test_several_processes import of_another_release
from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write rows, with their position, after every few events."""
    monkeypatch.setattr(shadow_tables, "EVENTS_PER_BATCH", 3)
    monkeypatch.setattr(shadow_tables, "EVENTS_PER_RECORD", 6)
    monkeypatch.setattr(turn, "_LOOK_SECONDS", 0.01)


class Died(Exception):
    """Stands for the death of a rebuild, wherever it is."""


@contextmanager
def dying_after(folds: int, side: type, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a side of the fold die when it has folded some batches."""
    fold, calls = side.fold, 0           # type: ignore[attr-defined]

    def dying(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls > folds:
            raise Died
        fold(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(side, "fold", dying)
        yield


def folded_events(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Keep the positions that are folded on the side of orders from now on."""
    seen: list[int] = []
    fold = OrderProjector.fold

    def counting(projector: OrderProjector, cursor: Any, batch: Any) -> None:
        seen.extend(recorded.position for together in batch for recorded in together)
        fold(projector, cursor, batch)

    monkeypatch.setattr(OrderProjector, "fold", counting)
    return seen


def test_whoever_waits_for_it_is_heard_before_each_index(shop: Shop) -> None:
    a_busy_week(shop)
    head = shop.ledger.head().position
    told: list[int] = []
    shop.models.rebuild(lambda reached, _: told.append(reached))
    indexes = index_statements(READ_MODELS, begin_lease(shop.models.side_tables).shadow_tables())
    assert told.count(head) > len(indexes)


def test_what_died_is_known_to_be_unfinished_until_it_is_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    head = shop.ledger.head().position
    assert unfinished_rebuild(shop.models.side_tables, head) is None
    with dying_after(7, OrderProjector, monkeypatch), pytest.raises(Died):
        shop.models.rebuild()
    found = unfinished_rebuild(shop.models.side_tables, head)
    assert found is not None
    assert (found.is_running, found.standing.goal) == (False, head)
    shop.models.rebuild()
    assert unfinished_rebuild(shop.models.side_tables, head) is None


@pytest.mark.parametrize("side", [OrderProjector, StockProjector])
@pytest.mark.parametrize("folds", [1, 4, 8])
def test_a_rebuild_goes_on_where_one_that_died_had_come(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, side: type, folds: int
) -> None:
    a_busy_week(shop)
    digests = verify(shop.models).digests
    of_another_release(shop)
    with dying_after(folds, side, monkeypatch), pytest.raises(Died):
        shop.models.rebuild()
    known = begin_lease(shop.models.side_tables).position("orders")
    seen = folded_events(monkeypatch)
    assert shop.models.rebuild() == shop.ledger.head().position
    assert seen == list(range(known + 1, shop.ledger.head().position + 1))
    assert verify(shop.models).digests == digests


def test_where_there_are_live_ones_it_begins_with_the_first_event(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    digests = verify(shop.models).digests
    with monkeypatch.context() as faulty:
        faulty.setattr(StockProjector, "fold", lambda *_: None)
        with dying_after(7, OrderProjector, faulty), pytest.raises(Died):
            shop.models.rebuild()
    assert verify(shop.models).digests == digests, "the live ones are as they were"
    seen = folded_events(monkeypatch)
    shop.models.rebuild()
    assert seen[0] == 1
    assert verify(shop.models).digests == digests


def test_on_demand_it_begins_with_the_first_event(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    of_another_release(shop)
    with dying_after(7, OrderProjector, monkeypatch), pytest.raises(Died):
        shop.models.rebuild()
    seen = folded_events(monkeypatch)
    shop.models.rebuild(from_start=True)
    assert seen[0] == 1
    assert verify(shop.models).ok


def test_what_another_version_has_begun_is_not_gone_on_with(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    of_another_release(shop)
    with monkeypatch.context() as of_before:
        of_before.setattr(lease, "VERSION", version.VERSION - 1)
        with dying_after(7, OrderProjector, monkeypatch), pytest.raises(Died):
            shop.models.rebuild()
    seen = folded_events(monkeypatch)
    shop.models.rebuild()
    assert seen[0] == 1
    assert verify(shop.models).ok


def test_who_comes_second_waits_hears_how_far_it_is_and_rebuilds_nothing(
    shop: Shop, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    of_another_release(shop)
    head = shop.ledger.head().position
    first = begin_lease(shop.models.side_tables)
    first.tell(CatchingUp(head // 2, head, 7))
    monkeypatch.setattr(lease, "BEAT_SECONDS", 0.01)
    monkeypatch.setattr(turn, "PATIENCE_SECONDS", 0.5)
    heard: list[CatchingUp] = []
    seen = folded_events(monkeypatch)

    def second() -> None:
        with open_ledger(database_url) as ledger:
            ReadModels(ledger).catch_up(waiting=heard.append)

    waiting = Thread(target=second)
    with first.kept():
        waiting.start()
        waiting.join(1.5)
        assert waiting.is_alive(), "it waits for longer than the patience it has with the dead"
        assert heard[-1] == CatchingUp(head // 2, head, 7)
        assert seen == []
        rebuild._fold_and_switch(
            shop.ledger, first, rebuild.ShadowSide(shop.ledger, first, "orders"),
            rebuild.ShadowSide(shop.ledger, first, "stock"), lambda _, __: None,
        )
    waiting.join(30)
    assert not waiting.is_alive()
    assert seen == list(range(1, head + 1)), "it was rebuilt once"
    assert verify(shop.models).ok


def test_an_owner_of_this_machine_that_is_dead_is_not_waited_for(
    shop: Shop, database_url: str
) -> None:
    a_busy_week(shop)
    of_another_release(shop)
    begin = (
        "import os, signal, sys\n"
        "from stocktrail.ledger.store import open_ledger\n"
        "from stocktrail.ledger.store.side_tables.progress import SideTables\n"
        "from stocktrail.projections.rebuild.lease import begin_lease\n"
        "with open_ledger(sys.argv[1]) as ledger:\n"
        "    begin_lease(SideTables(ledger))\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", begin, database_url], cwd=ROOT, stdout=subprocess.PIPE
    ) as owner:
        assert owner.stdout is not None
        owner.stdout.read()
        wait_until(lambda: is_dead(owner_of(shop)), "it was killed")
        heard: list[CatchingUp] = []
        assert shop.models.catch_up(waiting=heard.append) == shop.ledger.head().position
        assert heard == []
        assert owner.returncode is None, "nobody has asked after it"


def owner_of(shop: Shop) -> str:
    """Return who has the lease, or had it when it was killed."""
    with shop.models.side_tables.reading() as cursor:
        row = lease.lease_row(cursor)
    return str(row["owner"]) if row else ""


def test_an_owner_of_another_machine_is_dead_when_it_is_silent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    of_another_release(shop)
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(lease, "new_owner", lambda: f"elsewhere|{os.getpid()}|a")
        begin_lease(shop.models.side_tables)
    monkeypatch.setattr(turn, "PATIENCE_SECONDS", 0.3)
    heard: list[CatchingUp] = []
    assert shop.models.catch_up(waiting=heard.append) == shop.ledger.head().position
    assert heard
    assert verify(shop.models).ok


def test_who_is_overtaken_waits_in_its_turn_unless_somebody_asked_for_it(
    shop: Shop, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    of_another_release(shop)
    overtaking: list[int] = []

    def overtake(*_: int) -> None:
        if not overtaking:
            overtaking.append(0)
            with open_ledger(database_url) as ledger:
                overtaking[0] = ReadModels(ledger).rebuild()

    assert shop.models.catch_up(overtake) == shop.ledger.head().position == overtaking[0]
    overtaking.clear()
    with pytest.raises(Refusal, match="taken over"):
        shop.models.rebuild(overtake)
    assert verify(shop.models).ok


def test_a_log_that_is_long_already_is_rebuilt_and_not_followed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    head = shop.ledger.head().position
    shop.models.rebuild()
    shop.tamper(f"DELETE FROM tracking WHERE application_name = '{version.TRACKED_AS}'")
    rebuilds = shop.models.version().rebuilds
    monkeypatch.setattr("stocktrail.projections.read_models.WORTH_A_REBUILD", head)
    assert shop.models.catch_up() == head
    assert shop.models.version().rebuilds == rebuilds + 1
    assert verify(shop.models).ok


def test_a_lease_is_given_back_whatever_ends_the_rebuild(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_busy_week(shop)
    of_another_release(shop)

    def full(*_: object) -> None:
        raise StorageError("storage_full", "There is no room left.")

    with monkeypatch.context() as failing:
        failing.setattr(rebuild, "_switch", full)
        with pytest.raises(StorageError):
            shop.models.catch_up()
    heard: list[CatchingUp] = []
    shop.models.catch_up(waiting=heard.append)
    assert heard == []
    assert verify(shop.models).ok


deaths = st.tuples(st.sampled_from((OrderProjector, StockProjector)), st.integers(1, 5))
"""On which side of the fold a rebuild dies, and after how many batches."""


@settings(max_examples=settings().max_examples // 5)
@given(
    st.lists(promises.units, min_size=4, max_size=10),
    st.lists(deaths, min_size=1, max_size=4),
)
def test_whatever_happened_and_wherever_it_dies_it_is_what_the_live_ones_are(
    drawn: list[tuple[int, list[dict[str, Any]]]], dying: list[tuple[type, int]]
) -> None:
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(shadow_tables, "EVENTS_PER_BATCH", 3)
        patch.setattr(shadow_tables, "EVENTS_PER_RECORD", 4)
        shop = promises.open_shop(folder)
        for passed, wished in drawn:
            shop.on_day(shop.today + passed)
            for unit in shop.units_of(wished):
                shop.try_together(unit)
        digests = verify(shop.models).digests
        of_another_release(shop)
        for side, folds in dying:
            with dying_after(folds, side, patch), suppress(Died):
                shop.models.rebuild()
        shop.models.rebuild()
        assert verify(shop.models).digests == digests
        shop.ledger.close()
