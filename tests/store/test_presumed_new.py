"""Commands are presumed to be new: where one is not, the answers are those of a look-up."""

import random
from pathlib import Path

import pytest

from stocktrail.commands import CancelOrder, RegisterProduct
from stocktrail.commands.model import CommandEnvelope
from stocktrail.ledger.store import Ledger, open_ledger
from tests.store.shop import (
    Command,
    assert_log_is_sound,
    order,
    send,
    statuses,
    stocked,
)


def many(count: int, **changed: Command) -> list[Command]:
    """Return so many orders of TEA, with some replaced by others: ``o3=...`` is the third."""
    return [changed.get(f"o{n}", order(f"SO-{n}", "TEA")) for n in range(1, count + 1)]


def test_a_known_id_in_the_middle_of_a_group_is_a_duplicate(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, [*stocked("TEA"), order("EARLIER", "TEA")])
    answers = send(ledger, many(20, o10=order("EARLIER", "TEA")))
    assert statuses(answers) == ["accepted"] * 9 + ["duplicate"] + ["accepted"] * 10
    assert_log_is_sound(database_url)


def test_a_known_order_under_a_new_id_is_seen(ledger: Ledger, database_url: str) -> None:
    send(ledger, [*stocked("TEA"), order("EARLIER", "TEA")])
    with open_ledger(database_url) as other:          # where nothing is in memory
        answers = send(other, many(
            20, o5=order("EARLIER", "TEA", id="again"),
            o6=order("EARLIER", "TEA", quantity=2, id="other"),
        ))
    assert statuses(answers[4:6]) == ["duplicate", "rejected"]
    assert answers[5].code == "already_exists"
    assert statuses(answers[:4] + answers[6:]) == ["accepted"] * 18
    assert_log_is_sound(database_url)


def test_a_known_order_that_cannot_be_sold_now_is_still_known(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, [*stocked("TEA", quantity=1), order("EARLIER", "TEA")])
    with open_ledger(database_url) as other:          # a refusal records no event that would clash
        answers = send(other, many(12, o5=order("EARLIER", "TEA", id="again")))
    assert statuses(answers) == ["rejected"] * 4 + ["duplicate"] + ["rejected"] * 7
    assert_log_is_sound(database_url)


def test_a_known_id_whose_refusal_would_not_be_kept_is_still_known(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, [*stocked("TEA"), order("EARLIER", "TEA")])
    send(ledger, [{"command": "cancel-order", "order": "EARLIER", "id": "cancelled"}])
    unknown = {"command": "cancel-order", "order": "NONE", "id": "cancelled"}
    answers = send(ledger, many(12, o5=unknown))
    assert statuses(answers) == ["accepted"] * 4 + ["conflict"] + ["accepted"] * 7
    assert_log_is_sound(database_url)


def test_a_known_id_that_joins_a_small_group_is_known(ledger: Ledger, database_url: str) -> None:
    send(ledger, [*stocked("TEA"), order("EARLIER", "TEA")])
    send(ledger, [{"command": "cancel-order", "order": "EARLIER", "id": "cancelled"}])
    begins = CommandEnvelope(RegisterProduct(sku="SUGAR"), "sugar")
    again = CommandEnvelope(CancelOrder(order="EARLIER"), "cancelled")
    unknown = CommandEnvelope(CancelOrder(order="NONE"), "EARLIER")
    answers = ledger.writer.write([[begins]], more=lambda: [[again], [unknown]])
    assert [each.status for (each,) in answers] == ["accepted", "duplicate", "conflict"]
    assert_log_is_sound(database_url)


def test_an_order_of_an_item_that_is_registered_again_can_be_cancelled(
    ledger: Ledger, database_url: str
) -> None:
    send(ledger, [*stocked("TEA"), order("EARLIER", "TEA")])
    with open_ledger(database_url) as other:          # to which the item that it releases is new
        answers = send(other, many(
            12, o3={"command": "register-product", "sku": "TEA", "id": "again"},
            o5={"command": "cancel-order", "order": "EARLIER", "id": "cancel"},
        ))
    assert statuses(answers) == ["accepted"] * 12
    assert_log_is_sound(database_url)


@pytest.mark.parametrize("seed", range(6))
def test_however_a_script_is_grouped_its_answers_are_the_same(
    database_url: str, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    script = [*stocked("TEA", "SUGAR", quantity=12)]
    for _ in range(120):
        number = chance.randrange(60)
        script.append(order(
            f"SO-{number}", chance.choice(("TEA", "SUGAR", "NONE")),
            quantity=chance.choice((1, 1, 2)), id=f"c-{chance.randrange(90)}",
        ))
    answers, logs = [], []
    for url, at_once in ((database_url, 1 << 18), (f"sqlite:///{tmp_path / 'single.db'}", 1)):
        with open_ledger(url, clock=lambda: 1) as each:
            answers.append([result.as_json() for result in send(each, script, at_once=at_once)])
            logs.append((each.read(0, 10_000), list(each.outcomes())))
        assert_log_is_sound(url)
    assert answers[0] == answers[1]
    assert logs[0] == logs[1]
