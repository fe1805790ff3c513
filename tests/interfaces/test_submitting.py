"""Submitting scripts: files, pipes, CSV, modes, dry runs, runs, and one command at a time."""

import json
from pathlib import Path

import pytest

from stocktrail.commands import COMMANDS
from stocktrail.interfaces.cli.declarations import declared
from tests.interfaces.terminal import Terminal

ONE = {"command": "receive-stock", "sku": "WIDGET", "quantity": 1}
REFUSED = {"command": "receive-stock", "sku": "NOBODY-KNOWS", "quantity": 1}


def on_hand(shop: Terminal) -> float:
    """Count the widgets that are there."""
    return float(shop.ask("stock", "WIDGET")["on_hand"]["default"])


def test_people_are_told_what_was_not_accepted_and_how_it_went(shop: Terminal) -> None:
    script = "\n".join(json.dumps(each) for each in (ONE, REFUSED, {"command": "sell"})).encode()
    answer = shop.type("submit", "-", stdin=script)
    assert answer.status == 4
    first, second, summary = answer.out.splitlines()
    assert first.startswith("Line 2 receive-stock, rejected: There is no product NOBODY-KNOWS.")
    assert first.endswith("[unknown_sku]")
    assert second.startswith("Line 3 sell, invalid: ")
    assert summary == (
        "3 commands: 1 accepted, 1 rejected, 1 invalid. The ledger is at position 3."
    )


def test_a_refusal_told_again_says_that_it_is_no_new_one(shop: Terminal) -> None:
    wanted = {"command": "place-order", "order": "SO-1", "customer": "Ada", "id": "c-1",
              "lines": [{"sku": "WIDGET", "quantity": 26}]}
    script = json.dumps(wanted).encode() + b"\n"
    first, again = (shop.type("submit", "-", stdin=script) for _ in range(2))
    assert first.status == again.status == 3
    assert "judged at position" not in first.out
    assert "This was judged at position 2, 20" in again.said
    assert "and not again now: a new try needs a new id." in again.said
    flags = ["--order", "SO-1", "--customer", "Ada", "--id", "c-1", "--lines",
             json.dumps(wanted["lines"])]
    assert "a new try needs a new id" in shop.type("place-order", *flags).err


def test_stop_tries_nothing_after_the_first_that_is_refused(shop: Terminal) -> None:
    answer = shop.submit(ONE, REFUSED, ONE, flags=("--mode", "stop"))
    assert [row["status"] for row in answer.rows] == ["accepted", "rejected", "skipped"]
    assert (answer.status, on_hand(shop)) == (3, 26)


def test_atomic_records_all_or_none(shop: Terminal) -> None:
    answer = shop.submit(ONE, REFUSED, ONE, flags=("--mode", "atomic"))
    assert [row["status"] for row in answer.rows] == ["group_failed", "rejected", "group_failed"]
    assert (answer.status, on_hand(shop)) == (3, 25)


def test_a_dry_run_says_what_would_happen_at_which_position(shop: Terminal) -> None:
    answer = shop.submit(ONE, ONE, flags=("--dry-run",))
    assert [(row["status"], row["judged_at"]) for row in answer.rows] == [("accepted", 2)] * 2
    told = shop.type("receive-stock", "--sku", "WIDGET", "--quantity", "1", "--dry-run")
    assert told.out.startswith("Dry run at position 2: this would happen, nothing was recorded.")
    assert (shop.ask("status")["head"], on_hand(shop)) == (2, 25)


def test_a_dry_run_where_there_is_no_ledger_leaves_none_behind(shop: Terminal) -> None:
    shop.database = shop.database.with_name("not-there.db")
    shop.url = f"sqlite:///{shop.database}"
    registered = {"command": "register-product", "sku": "WIDGET"}
    answer = shop.submit(registered, ONE, flags=("--dry-run",))
    assert [(row["status"], row["judged_at"]) for row in answer.rows] == [("accepted", 0)] * 2
    told = shop.type("register-product", "--sku", "WIDGET", "--dry-run")
    assert told.out.startswith("Dry run at position 0: this would happen, nothing was recorded.")
    assert not shop.database.exists()


def test_the_same_script_counts_once_unless_it_is_another_run(shop: Terminal) -> None:
    for flags, expected in (((), 26), ((), 26), (("--run", "b"), 27), (("--run", "b"), 27)):
        assert shop.submit(ONE, flags=flags).status == 0
        assert on_hand(shop) == expected


def test_a_file_of_which_all_was_known_says_since_when_and_how_to_count_it_again(
    shop: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "wednesday.jsonl"
    file.write_text((json.dumps(ONE) + "\n") * 2, encoding="utf-8")
    assert shop.type("submit", str(file)).err == ""
    again = shop.type("submit", str(file))
    assert (again.status, on_hand(shop)) == (0, 27)
    assert again.err.startswith("All 2 rows of this file were known already: recorded at 20")
    assert "send it with --run NAME. [known_already]" in again.err
    as_json = shop.type("submit", str(file), "--json", "--dry-run")
    assert [row["status"] for row in as_json.rows] == ["duplicate"] * 2
    told = json.loads(as_json.err)
    assert (told["code"], told["rows"]) == ("known_already", 2)
    recorded = [row["recorded_at"] for row in shop.type("events", "--json").rows[-2:]]
    assert [told["first_recorded_at"], told["last_recorded_at"]] == recorded
    assert shop.type("submit", str(file), "--run", "second").err == ""
    other = shop.type("submit", str(file), "--run", "second")
    assert "send it with another --run NAME." in other.err


def test_a_file_with_something_new_or_with_ids_of_its_own_says_nothing(
    shop: Terminal, tmp_path: Path
) -> None:
    known = json.dumps(ONE) + "\n"
    placed = {"command": "place-order", "order": "SO-1", "customer": "Ada",
              "lines": [{"sku": "WIDGET", "quantity": 1}]}
    for first, then in (
        (known, known + known),                                     # the second row is new
        (json.dumps({**ONE, "id": "c-1"}) + "\n",) * 2,             # its ids say what is meant
        (json.dumps(placed) + "\n", json.dumps(placed) + " \n"),    # the order is known
        ("", ""),
    ):
        assert shop.type("submit", "-", stdin=first.encode()).status == 0
        assert shop.type("submit", "-", stdin=then.encode()).err == ""


def test_csv_holds_commands_of_one_type(shop: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "delivery.csv"
    file.write_text("sku,quantity,reason\nWIDGET,2.0,\nWIDGET,x,late\n", encoding="utf-8")
    answer = shop.type("submit", str(file), "--command", "receive-stock", "--json")
    assert [row["status"] for row in answer.rows] == ["accepted", "invalid"]
    assert answer.rows[1]["errors"][0]["pointer"] == "/quantity"
    assert on_hand(shop) == 27
    piped = shop.type(
        "submit", "-", "--command", "place-order", "--json",
        stdin=b'order,customer,lines\nSO-1,Ada,"[{""sku"": ""WIDGET"", ""quantity"": 3}]"\n',
    )
    assert piped.rows[0]["status"] == "accepted", piped.rows


def test_one_command_tells_what_happened(shop: Terminal) -> None:
    told = shop.type(
        "place-order", "--order", "SO-1", "--customer", "Ada", "--id", "once",
        "--lines", '[{"sku": "WIDGET", "quantity": 5}]',
    )
    assert told.status == 0
    assert "order/SO-1: Ada placed order SO-1 in pool default: 5 of WIDGET (line 1)." in told.out
    assert told.out.endswith("The ledger is at position 4.\n")
    again = shop.type(
        "place-order", "--order", "SO-1", "--customer", "Ada", "--id", "once",
        "--lines", '{"sku": "WIDGET", "quantity": 5}',
    )
    assert again.out.startswith("Known already under the id once; nothing was done twice.")
    shipped = shop.type("ship-order", "--order", "SO-1", "--shipment", "SH-1", "--json").json
    assert [event["type"] for event in shipped["events"]] == ["OrderShipped", "StockShipped"]


def test_a_list_is_json_or_the_flag_once_for_each_element(terminal: Terminal) -> None:
    for source in ("east", "west"):
        terminal.type("register-source", "--source", source)
    for sources in (("--sources", '["east", "west"]'),
                    ("--sources", "west", "--sources", "east")):
        assert terminal.type("define-pool", "--pool", "web", *sources).status == 0
    (*_, last) = terminal.type("events", "--type", "PoolDefined", "--json").rows
    assert last["data"]["sources"] == ["west", "east"]


def test_switches_say_yes(terminal: Terminal) -> None:
    terminal.type("register-product", "--sku", "ROPE", "--decimal", "--unit", "m")
    assert terminal.ask("stock", "ROPE")["decimal"] is True
    again = terminal.type("register-product", "--sku", "ROPE", "--attributes", '{"red": true}')
    assert again.status == 0, again.err
    assert terminal.ask("stock", "ROPE")["attributes"] == {"red": True}


def test_every_command_has_its_subcommand_in_its_own_words() -> None:
    first_sentences = {
        name: " ".join((model.__doc__ or "").partition("\n\n")[0].split())
        for name, model in COMMANDS.items()
    }
    assert first_sentences == declared("command")


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_field_is_a_flag_with_its_description(terminal: Terminal, name: str) -> None:
    shown = terminal.type(name, "--help")
    words = " ".join(shown.out.replace("│", " ").split())
    assert shown.status == 0
    for field, described in COMMANDS[name].model_fields.items():
        assert f"--{field.replace('_', '-')}" in words
        assert described.description is not None
        assert " ".join(described.description.split()) in words


def test_events_are_listed_filtered_and_limited(shop: Terminal) -> None:
    shop.submit(ONE, ONE, flags=("--run", "x"))
    assert [row["position"] for row in shop.type("events", "--json").rows] == [1, 2, 3, 4]
    after = shop.type("events", "--after", "2", "--limit", "1", "--json")
    assert [row["position"] for row in after.rows] == [3]
    stream = shop.type("events", "--stream", "stock/WIDGET", "--type", "ProductRegistered")
    assert stream.out.endswith("stock/WIDGET: WIDGET was registered.\n")
    assert shop.type("events", "--type", "Nonsense").status == 4
