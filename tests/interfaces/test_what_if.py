"""What if: the same commands under other settings; under the same ones nothing changes."""

from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.workload import script
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.submission import submit
from stocktrail.commands.scripts.what_if import COMMANDS_AT_ONCE, Clock, OtherSettings, rerun
from stocktrail.ledger.store import open_ledger
from tests.commands import random_commands as drawn
from tests.interfaces.terminal import Terminal

commands = st.lists(
    st.one_of(drawn.orders, drawn.stock, drawn.places, drawn.rules, drawn.good_placing),
    min_size=5, max_size=25,
)


@settings(max_examples=15)
@given(commands, st.data())
def test_with_the_settings_as_they_were_nothing_changes(
    rows: list[dict[str, Any]], data: st.DataObject
) -> None:
    for number, row in enumerate(rows):
        if data.draw(st.booleans()):
            row["group"] = f"G{number // 3}"
    with (
        TemporaryDirectory() as folder,
        open_ledger(f"sqlite:///{Path(folder) / 'one.db'}") as ledger,
    ):
        list(submit(ledger, read_json_lines(script([*drawn.OPENING, *rows]))))
        clock = Clock()
        with open_ledger(f"sqlite:///{Path(folder) / 'other.db'}", clock=clock) as other:
            ended = list(rerun(ledger, other, clock, OtherSettings({})))
            assert all(each.before == each.after for each in ended)
            assert other.read(0, 10_000) == ledger.read(0, 10_000)
            assert list(other.outcomes()) == list(ledger.outcomes())


def test_an_order_that_was_known_and_is_no_longer_in_memory_costs_no_time(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"command": "register-product", "sku": "WIDGET"},
        {"command": "receive-stock", "sku": "WIDGET", "quantity": 9_000},
        *(order(f"SO-{number}", 1) for number in range(COMMANDS_AT_ONCE)),
        order("SO-501", 1), {**order("SO-0", 2), "id": "again"}, order("SO-502", 1),
        *(order(f"SO-{number}", 1) for number in range(503, 510)),
    ]
    times = count(1_000, 1_000)
    with open_ledger(f"sqlite:///{tmp_path / 'one.db'}", clock=lambda: next(times)) as ledger:
        list(submit(ledger, read_json_lines(script(rows))))
        clock, where = Clock(), f"sqlite:///{tmp_path / 'other.db'}"
        with open_ledger(where, clock=clock, capacity=0) as other:
            list(rerun(ledger, other, clock, OtherSettings({})))
            assert other.read(0, 10_000) == ledger.read(0, 10_000)


def test_what_was_sealed_stays_sealed_and_is_run_again_as_it_is(tmp_path: Path) -> None:
    person = {"customer": "C-17", "name": "Ada Lovelace", "address": "St James's Square" * 20}
    rows = [
        {"command": "register-customer", **person},
        {"command": "create-webhook", "webhook": "W-1", "url": "https://hook.example/in"},
        {"command": "erase-customer", "customer": "C-17", "reason": "asked for"},
        {"command": "register-customer", **person},
    ]
    with open_ledger(f"sqlite:///{tmp_path / 'one.db'}") as ledger:
        ended = [result.status for result in submit(ledger, read_json_lines(script(rows)))]
        assert ended == ["accepted"] * 4
        clock = Clock()
        with open_ledger(f"sqlite:///{tmp_path / 'other.db'}", clock=clock) as other:
            again = list(rerun(ledger, other, clock, OtherSettings({})))
            assert [each.after for each in again] == ended
            assert other.root() == ledger.root()


def order(name: str, quantity: int) -> dict[str, Any]:
    """Order widgets."""
    lines = [{"sku": "WIDGET", "quantity": quantity}]
    return {"command": "place-order", "order": name, "customer": "Ada", "lines": lines, "id": name}


def test_backorders_that_had_been_allowed_would_have_been_refused(shop: Terminal) -> None:
    shop.submit(
        {"command": "set-backorder-policy", "backorders": "allow"},
        order("SO-1", 20), order("SO-2", 10), order("SO-3", 4),
    )
    found = shop.ask("what-if", "--set", "backorders=no")
    assert found["before"]["units_sold"] == 34
    assert found["before"]["units_waiting"] == 9
    assert found["after"]["units_sold"] == 24
    assert found["after"]["units_waiting"] == 0
    assert found["after"]["refused"] == {"not_enough_salable": 1}
    otherwise = {each["id"]: each["after"] for each in found["changed"]}
    assert otherwise["SO-2"] == "rejected"
    assert "left_out" in otherwise.values()
    assert shop.ask("stock", "WIDGET")["backordered"] == 9


def test_a_refused_command_would_have_been_accepted(shop: Terminal) -> None:
    assert shop.submit(order("SO-1", 30)).status == 3
    found = shop.ask("what-if", "--set", "backorders=allow", "--set", "out_of_stock=-10")
    assert (found["before"]["orders_accepted"], found["after"]["orders_accepted"]) == (0, 1)
    assert found["after"]["units_backordered_when_sold"] == 5


def test_another_strategy_gives_the_units_to_others(shop: Terminal) -> None:
    shop.submit({"command": "set-backorder-policy", "backorders": "allow"},
                order("SO-1", 30), order("SO-2", 30))
    shop.submit({"command": "receive-stock", "sku": "WIDGET", "quantity": 5})
    ship = {"command": "ship-order", "order": "SO-2", "shipment": "S-2", "id": "ship-2",
            "lines": [{"line": 1, "quantity": 1}]}
    assert shop.submit(ship).status == 3
    found = shop.ask("what-if", "--set", "allocation=fair_share")
    assert found["after"]["units_sold"] == found["before"]["units_sold"]
    [shipped] = [each for each in found["changed"] if each["id"] == "ship-2"]
    assert (shipped["before"], shipped["after"]) == ("rejected", "accepted")
    assert found["after"]["units_shipped"] == 1
    assert found["before"]["refused"] == {"backordered_units_cannot_ship": 1}


def test_a_higher_threshold_would_have_kept_more_back(shop: Terminal) -> None:
    shop.submit(order("SO-1", 20), order("SO-2", 4))
    found = shop.ask("what-if", "--set", "out_of_stock=3")
    assert (found["before"]["units_sold"], found["after"]["units_sold"]) == (24, 20)
    assert found["after"]["refused"] == {"not_enough_salable": 1}


def test_promises_that_slipped_would_not_have_been_made(shop: Terminal) -> None:
    shop.submit(
        {"command": "set-backorder-policy", "backorders": "allow"},
        {"command": "place-purchase-order", "purchase_order": "PO-1", "vendor": "Acme",
         "lines": [{"sku": "WIDGET", "quantity": 50, "expected_date": "2090-01-10"}]},
        order("SO-1", 30),
        {"command": "delay-purchase-order", "purchase_order": "PO-1",
         "expected_date": "2090-01-15", "reason": "strike"},
    )
    found = shop.ask("what-if", "--set", "backorders=no")
    slipped = ("slips", "days_slipped", "customers_slipped")
    assert [found["before"][name] for name in slipped] == [1, 5, 1]
    assert [found["after"][name] for name in slipped] == [0, 0, 0]
    told = shop.type("what-if", "--set", "backorders=no").out
    assert "days slipped" in told
    assert "SO-1" in told


def test_a_group_that_failed_together_would_have_been_accepted_together(shop: Terminal) -> None:
    group = [{**order(f"SO-{n}", 20), "group": "G"} for n in (1, 2)]
    assert shop.submit(*group).status == 3
    found = shop.ask("what-if", "--set", "backorders=allow")
    assert (found["before"]["orders_accepted"], found["after"]["orders_accepted"]) == (0, 2)


def test_a_group_that_was_accepted_together_would_have_failed_together(shop: Terminal) -> None:
    shop.submit({"command": "set-backorder-policy", "backorders": "allow"}, *(
        {**order(f"SO-{n}", quantity), "group": "G"} for n, quantity in ((1, 4), (2, 30), (3, 1))
    ))
    found = shop.ask("what-if", "--set", "backorders=no")
    assert (found["before"]["orders_accepted"], found["after"]["orders_accepted"]) == (3, 0)
    otherwise = {each["id"]: each["after"] for each in found["changed"] if each["id"][:2] == "SO"}
    assert otherwise == {"SO-1": "group_failed", "SO-2": "rejected", "SO-3": "group_failed"}


def test_what_a_group_passed_through_would_have_slipped_nothing_either(shop: Terminal) -> None:
    def buy(name: str, expected: str) -> dict[str, Any]:
        return {"command": "place-purchase-order", "purchase_order": name, "vendor": "Acme",
                "lines": [{"sku": "WIDGET", "quantity": 50, "expected_date": expected}]}

    shop.submit(
        {"command": "set-backorder-policy", "backorders": "allow"}, buy("PO-1", "2090-01-10"),
        order("SO-1", 30),
        {"command": "cancel-purchase-order", "purchase_order": "PO-1", "group": "G"},
        {**buy("PO-2", "2090-01-12"), "group": "G"},
    )
    found = shop.ask("what-if", "--set", "notify_below=7")
    for when in ("before", "after"):
        assert (found[when]["slips"], found[when]["days_slipped"]) == (1, 2)


def test_a_strategy_gives_units_away_after_a_group_too(shop: Terminal) -> None:
    shop.submit({"command": "set-backorder-policy", "backorders": "allow"},
                order("SO-1", 30), order("SO-2", 30))
    receipt = {"command": "receive-stock", "sku": "WIDGET", "quantity": 2}
    shop.submit({**receipt, "group": "G"}, {**receipt, "group": "G"})
    ship = {"command": "ship-order", "order": "SO-2", "shipment": "S-2", "id": "ship-2",
            "lines": [{"line": 1, "quantity": 1}]}
    assert shop.submit(ship).status == 3
    found = shop.ask("what-if", "--set", "allocation=fair_share")
    [shipped] = [each for each in found["changed"] if each["id"] == "ship-2"]
    assert (shipped["before"], shipped["after"]) == ("rejected", "accepted")


def test_a_log_in_which_an_epoch_began_is_run_again_too(shop: Terminal) -> None:
    assert shop.type("new-epoch", "--reason", "The disk failed").status == 0
    found = shop.ask("what-if")
    assert (found["before"], found["changed"]) == (found["after"], [])


def test_what_cannot_be_tried_is_told_in_a_sentence(shop: Terminal) -> None:
    for flag, code in (
        ("backorders", "bad_setting"), ("colour=red", "unknown_setting"),
        ("backorders=perhaps", "bad_setting"), ("allocation=mine", "unknown_strategy"),
    ):
        refused = shop.type("what-if", "--set", flag, "--json")
        assert refused.status in {3, 4}, refused.err
        assert code in refused.err
