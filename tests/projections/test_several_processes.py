"""Several processes keep the same read models: none counts twice, none loses, none disturbs."""

from concurrent.futures import ThreadPoolExecutor, wait

import orjson
import pytest

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.projections import ReadModels, read_models
from stocktrail.projections.folding import shadow_tables
from stocktrail.projections.folding.stock_side import StockProjector
from stocktrail.projections.models.version import TRACKED_AS, TRACKED_BEFORE, VERSION, versioned
from stocktrail.projections.rebuild import turn
from stocktrail.projections.rebuild.lease import begin_lease
from stocktrail.projections.verify import verify
from tests.projections.shop import Shop
from tests.projections.test_history import a_busy_week


def send_unseen(ledger: Ledger, count: int) -> int:
    """Register and receive items without catching up, and give the position."""
    for number in range(count):
        for command, fields in (
            ("register-product", {}), ("receive-stock", {"quantity": 1}),
            ("change-threshold", {"threshold": "notify_below", "value": number}),
        ):
            body = orjson.dumps({"sku": f"NEW-{number}", **fields})
            submit_one(ledger, COMMANDS[command].model_validate_json(body))
    return ledger.head().position


def test_read_models_that_many_catch_up_at_once_count_nothing_twice(
    ledger: Ledger, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_models, "EVENTS_PER_BATCH", 5)
    position = send_unseen(ledger, 20)

    def catch_up(_: int) -> int:
        with open_ledger(database_url) as opened:
            return ReadModels(opened).catch_up()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(catch_up, range(4))) == {position}
    assert verify(ReadModels(ledger)).ok


def of_another_release(shop: Shop) -> None:
    """Leave only what an earlier version tracked: read models that a rebuild has to replace."""
    shop.models.side_tables.prepare()
    with shop.models.side_tables.writing() as cursor:
        shop.models.side_tables.forget(cursor, TRACKED_AS)
        shop.models.side_tables.record(cursor, TRACKED_BEFORE[0], 1)


def test_after_an_upgrade_several_start_at_once_and_nobody_is_refused(
    shop: Shop, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = send_unseen(shop.ledger, 20)
    of_another_release(shop)
    monkeypatch.setattr(shadow_tables, "EVENTS_PER_BATCH", 5)

    def catch_up(_: int) -> int:
        with open_ledger(database_url) as opened:
            return ReadModels(opened).catch_up()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(catch_up, range(4))) == {position}
    assert verify(shop.models).ok


def test_a_rebuild_that_takes_no_step_any_more_is_not_waited_for(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    position = send_unseen(shop.ledger, 3)
    of_another_release(shop)
    begin_lease(shop.models.side_tables)
    monkeypatch.setattr(turn, "PATIENCE_SECONDS", 0.3)
    assert shop.models.catch_up() == position
    assert verify(shop.models).ok


def test_who_reads_while_another_process_rebuilds_sees_one_state(
    shop: Shop, database_url: str
) -> None:
    a_busy_week(shop)
    asked = f"SELECT COUNT(*) AS found FROM stock_level_v{VERSION}"

    def rebuild() -> int:
        with open_ledger(database_url) as opened:
            return ReadModels(opened).rebuild()

    with shop.models.reading() as reading:
        reading.cursor.execute(asked)
        before = reading.cursor.fetchall()[0][0]
    with ThreadPoolExecutor(1) as pool:
        with shop.models.reading() as reading:
            rebuilding = pool.submit(rebuild)
            wait([rebuilding], timeout=2)            # it is done, or waits for this reader
            reading.cursor.execute(asked)
            assert reading.cursor.fetchall()[0][0] == before
        assert rebuilding.result() == shop.ledger.head().position
    assert verify(shop.models).ok


def test_a_batch_that_another_process_wrote_is_passed_over(
    shop: Shop, database_url: str
) -> None:
    a_busy_week(shop)
    with open_ledger(database_url) as ledger:
        other = ReadModels(ledger)
        for _ in range(3):
            position = send_unseen(shop.ledger, 1) if other.position() else 0
            assert other.catch_up() == shop.models.catch_up() >= position
    assert verify(shop.models).ok


def test_what_is_kept_in_memory_is_forgotten_when_another_process_went_on(
    shop: Shop, database_url: str
) -> None:
    """Each of the two has last folded what the other has not, of the same item."""
    shop.carry("A", 10)
    with open_ledger(database_url) as ledger:
        other = ReadModels(ledger)
        for number in range(4):
            shop.sell(f"SO-{number}", "A", 1)
            received = COMMANDS["receive-stock"].model_validate({"sku": "A", "quantity": 2})
            submit_one(ledger, received)
            other.catch_up()
    assert shop.stock("A")["salable_quantity"] == 14
    assert verify(shop.models).ok


def test_what_is_in_memory_is_forgotten_when_it_could_not_be_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.carry("A", 10)
    submit_one(shop.ledger, COMMANDS["receive-stock"].model_validate({"sku": "A", "quantity": 2}))
    with monkeypatch.context() as failing:
        failing.setattr(StockProjector, "save", no_room)
        with pytest.raises(StorageError):
            shop.models.catch_up()
    shop.models.catch_up()
    assert shop.stock("A")["salable_quantity"] == 12
    assert verify(shop.models).ok


def no_room(*_: object) -> None:
    """Fail as a database does that is full."""
    raise StorageError("storage_full", "There is no room left.")


def test_read_models_of_another_version_are_built_again(shop: Shop) -> None:
    a_busy_week(shop)
    before = verify(shop.models).digests
    shop.tamper(
        f"UPDATE tracking SET application_name = '{TRACKED_BEFORE[0]}' "
        f"WHERE application_name = '{TRACKED_AS}'"
    )
    shop.tamper(f"DROP TABLE {versioned('order_line')}")
    assert shop.models.catch_up() == shop.ledger.head().position
    assert verify(shop.models).digests == before


def test_what_a_rebuild_that_died_left_behind_is_thrown_away(shop: Shop) -> None:
    a_busy_week(shop)
    shop.tamper(f"CREATE TABLE {versioned('stock_level')}_rebuilt (nonsense TEXT)")
    shop.models.rebuild()
    assert verify(shop.models).ok


def test_of_two_rebuilds_the_later_one_wins_and_the_live_ones_stay(shop: Shop) -> None:
    a_busy_week(shop)
    first = begin_lease(shop.models.side_tables)
    begin_lease(shop.models.side_tables)
    with pytest.raises(Refusal, match="Another rebuild"), first.writing():
        pass
    assert verify(shop.models).ok
    shop.models.rebuild()
    assert verify(shop.models).ok
