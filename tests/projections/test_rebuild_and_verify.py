"""Rule 7.1: read models are what follows from the log, or the difference is named."""

from collections.abc import Callable

import pytest

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.projections import ReadModels
from stocktrail.projections.models.version import VERSION
from stocktrail.projections.questions.stock import stock
from stocktrail.projections.questions.stock_list import stock_list
from stocktrail.projections.verify import verify
from tests.projections.shop import Shop
from tests.projections.test_history import a_busy_week


def test_a_rebuilt_read_model_is_the_live_one(shop: Shop) -> None:
    a_busy_week(shop)
    live = verify(shop.models)
    assert shop.models.rebuild() == live.position == shop.ledger.head().position
    rebuilt = verify(shop.models)
    assert (rebuilt.ok, rebuilt.digests) == (True, live.digests)
    assert len(set(live.digests.values())) > 5


def test_verify_counts_what_it_looked_at(shop: Shop) -> None:
    a_busy_week(shop)
    verification = verify(shop.models)
    assert (verification.ok, verification.compared) == (True, True)
    assert verification.events == verification.position == shop.ledger.head().position
    assert verification.streams == len(
        {event.originator_id for event in shop.ledger.read(0, 1000)}
    )


def test_how_the_log_was_cut_into_batches_makes_no_difference(shop: Shop) -> None:
    """The shop caught up after each command; another reader catches up with all at once."""
    a_busy_week(shop)
    stepwise = verify(shop.models).digests
    shop.models.rebuild()
    assert verify(shop.models).digests == stepwise


@pytest.mark.parametrize(
    ("statement", "table", "named"),
    [
        ("UPDATE stock_level_v{v} SET demand = 1 WHERE pool = 'EU'", "stock_level_v{v}",
         "sku 'A', pool 'EU' has demand 1, but 0 follows from the log"),
        ("DELETE FROM source_item_v{v} WHERE source = 'berlin'", "source_item_v{v}",
         "follows from the log but is not in the read model"),
        ("INSERT INTO pool_v{v} VALUES ('moon', NULL, '[]')", "pool_v{v}",
         "pool 'moon' is in the read model but does not follow from the log"),
        ("UPDATE order_line_v{v} SET shipped = 0 WHERE order_id = 'SO-1'", "order_line_v{v}",
         "order_id 'SO-1', line 1 has shipped 0, but 60000 follows from the log"),
    ],
)
def test_verify_names_the_row_that_somebody_tampered_with(
    shop: Shop, statement: str, table: str, named: str
) -> None:
    a_busy_week(shop)
    shop.tamper(statement.format(v=VERSION))
    verification = verify(shop.models)
    assert not verification.ok
    [finding] = verification.findings
    assert finding.code == "read_model_differs"
    assert named in finding.message
    assert finding.details["table"] == table.format(v=VERSION)
    shop.models.rebuild()
    assert verify(shop.models).ok


AT_3 = "first_position <= 3 AND last_position >= 3"


@pytest.mark.parametrize(
    ("tamper", "code"),
    [
        (lambda shop: shop.tamper_with_log(f"DELETE FROM commands WHERE {AT_3}"), "position_gap"),
        (lambda shop: shop.tamper_with_log(
            "DELETE FROM commands WHERE sequence = (SELECT MAX(sequence) FROM commands)"
        ), "position_gap"),
        (lambda shop: shop.tamper_with_log(f"UPDATE commands SET recorded_at = 1 WHERE {AT_3}"),
         "recorded_time_not_increasing"),
        (lambda shop: shop.rewrite_events("StockReceived.v1", "StockVanished.v1", "1 = 1"),
         "unreadable_event"),
        (lambda shop: shop.rewrite_events('"quantity"', '"amount"', "1 = 1"),
         "unreadable_event"),
        (lambda shop: shop.rewrite_events(
            '"stock/A","version":3', '"stock/A","version":77', "1 = 1"
        ), "version_gap"),
        (lambda shop: shop.rewrite_events('"stock/B"', '"moon/A"', "1 = 1"), "stream_missing"),
    ],
)
def test_verify_names_what_is_wrong_with_a_log_that_somebody_changed(
    shop: Shop, tamper: Callable[[Shop], None], code: str
) -> None:
    a_busy_week(shop)
    shop.send("register-product", sku="B")
    tamper(shop)
    verification = verify(shop.models)
    assert code in [finding.code for finding in verification.findings]
    assert all(finding.message.endswith(".") for finding in verification.findings)


def test_verify_finds_units_that_were_promised_but_are_not_there(shop: Shop) -> None:
    shop.carry("A", 10)
    position = shop.sell("SO-1", "A", 8)
    shop.rewrite_events(
        '"StockReceived.v1","data":{"sku":"A","source":"default","quantity":10',
        '"StockReceived.v1","data":{"sku":"A","source":"default","quantity":6', "1 = 1",
    )
    findings = verify(shop.models).foldable
    assert findings is not None
    assert findings[0].code == "allocated_more_than_on_hand"
    assert f"After position {position}: 8 of A are allocated" in findings[0].message


@pytest.mark.parametrize("at_hand", [0, 1, 3])
def test_what_was_long_at_rest_is_folded_again_when_it_goes_on(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, at_hand: int
) -> None:
    a_busy_week(shop)
    kept = verify(shop.models)
    monkeypatch.setattr(
        "stocktrail.projections.verify.folded_streams.MOST_AT_HAND", at_hand
    )
    assert verify(shop.models) == kept
    assert kept.ok


def test_a_second_process_goes_on_where_the_first_one_was(shop: Shop, database_url: str) -> None:
    shop.carry("A", 10)
    with open_ledger(database_url) as ledger:
        other = ReadModels(ledger)
        assert other.position() == other.catch_up() == shop.ledger.head().position
        shop.sell("SO-1", "A", 1)
        assert stock(other, "A")["salable_quantity"] == 9


def test_a_database_that_cannot_be_written_answers_what_the_log_says(
    shop: Shop, ledger: Ledger, database_url: str
) -> None:
    a_busy_week(shop)
    with open_ledger(database_url, read_only=True) as reader:
        models = ReadModels(reader)
        assert stock_list(models) == stock_list(shop.models)
        assert verify(models).ok
    shop.tamper("DELETE FROM tracking WHERE application_name LIKE 'read_models.v%'")
    with open_ledger(database_url, read_only=True) as reader:
        models = ReadModels(reader)
        assert models.catch_up() == 0
        assert stock_list(models)["rows"][0]["as_of"] == reader.head().position
        assert verify(models).compared is False


def test_an_empty_ledger_is_sound_and_stands_at_zero(shop: Shop) -> None:
    assert shop.models.catch_up() == 0
    assert verify(shop.models).ok
    assert shop.models.rebuild() == 0
    status = shop.models.status()
    assert (status["head"], {model["lag"] for model in status["read_models"]}) == (0, {0})


def test_status_says_how_far_each_read_model_lags(shop: Shop) -> None:
    position = shop.carry("A", 10)
    submit_one(shop.ledger, COMMANDS["register-product"].model_validate({"sku": "B"}))
    status = shop.models.status()
    assert status["head"] == position + 1
    standing = {(each["position"], each["lag"]) for each in status["read_models"]}
    assert standing == {(position, 1)}
    waiting = {each["lag_seconds"] for each in status["read_models"]}
    assert 0 <= min(waiting) == max(waiting) < 60
    shop.models.catch_up()
    assert {each["lag_seconds"] for each in shop.models.status()["read_models"]} == {0}


def test_progress_is_reported_up_to_the_goal(shop: Shop) -> None:
    position = shop.carry("A", 10)
    seen: list[tuple[int, int]] = []
    shop.models.rebuild(lambda reached, goal: seen.append((reached, goal)))
    assert seen == sorted(seen)
    assert {goal for _, goal in seen} == {position}
    assert seen[-1] == (position, position)
