"""Where input comes from and where answers go: files, pipes, closed streams, other encodings."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interfaces.terminal import ROOT, Answer, Terminal

ONE = {"command": "receive-stock", "sku": "WIDGET", "quantity": 1}
REFUSED = {"command": "receive-stock", "sku": "NOBODY-KNOWS", "quantity": 1}
INVALID = {"command": "receive-stock", "sku": "WIDGET", "quantity": -1}


def shell(shop: Terminal, line: str, **environment: str) -> Answer:
    """Type a line into a shell; ``stocktrail`` is ours, and ``$SHOP`` the URL of the database."""
    settled = {name: value for name, value in os.environ.items() if "STOCKTRAIL" not in name}
    ended = subprocess.run(
        ["sh", "-c", f'stocktrail() {{ "$PYTHON" -m stocktrail "$@"; }}; {line}'],
        capture_output=True, cwd=shop.database.parent, timeout=120, stdin=subprocess.DEVNULL,
        env={
            **settled, "PYTHON": sys.executable, "PYTHONPATH": str(ROOT), "SHOP": shop.url,
            **environment,
        },
    )
    return Answer(ended.returncode, ended.stdout.decode(), ended.stderr.decode())


def script_of(folder: Path, *commands: dict[str, object]) -> Path:
    """Write a script to a file."""
    file = folder / "script.jsonl"
    file.write_text("".join(f"{json.dumps(each)}\n" for each in commands), encoding="utf-8")
    return file


# ------------------------------------------------------------------ what is read


@pytest.mark.parametrize("name", ["missing.jsonl", ".", "no/such/folder", "script\0.jsonl", ""])
def test_a_script_that_cannot_be_read_is_told_and_no_database_is_made(
    terminal: Terminal, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for_people = terminal.type("submit", name)
    assert (for_people.status, for_people.out) == (1, "")
    assert for_people.err.endswith(" [cannot_read]\n")
    assert "cannot be read: " in for_people.err
    for_programs = terminal.type("submit", name, "--json")
    assert json.loads(for_programs.err)["code"] == "cannot_read"
    assert list(tmp_path.iterdir()) == []


def test_bad_lines_among_good_ones_are_told_by_number_and_the_others_count(
    shop: Terminal, tmp_path: Path
) -> None:
    good = json.dumps(ONE).encode()
    script = tmp_path / "mixed.jsonl"
    script.write_bytes(b"\n".join([
        good, b"", good, b'{"command": "receive-stock", "sku": "\xc3"}', b"   ", b"\x00\x01", good,
        good[:-9],
    ]))
    answer = shop.type("submit", str(script), "--json")
    assert answer.status == 4
    assert [(row["line"], row["status"]) for row in answer.rows] == [
        (1, "accepted"), (2, "invalid"), (3, "accepted"), (4, "invalid"), (5, "invalid"),
        (6, "invalid"), (7, "accepted"), (8, "invalid"),
    ]
    assert [row["errors"][0]["code"] for row in answer.rows if "errors" in row] == [
        "empty", "not_utf8", "empty", "not_json", "not_json",
    ]
    assert shop.ask("stock", "WIDGET")["on_hand"] == {"default": 28}
    again = shop.type("submit", str(script), "--json")
    assert [row["status"] for row in again.rows if "errors" not in row] == ["duplicate"] * 3


def test_the_same_line_twice_counts_twice_unless_it_has_an_id(shop: Terminal) -> None:
    answer = shop.submit(ONE, ONE, {**ONE, "id": "once"}, {**ONE, "id": "once"})
    assert [row["status"] for row in answer.rows] == ["accepted"] * 3 + ["duplicate"]
    assert answer.rows[2]["events"] == answer.rows[3]["events"]
    assert shop.ask("stock", "WIDGET")["on_hand"] == {"default": 28}


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        (b"sku,quantity\nWIDGET,1\n\nWIDGET,2\n", [None, "empty", None]),
        (b"sku,quantity\nWIDGET\nWIDGET,1,2\n", ["not_csv", "not_csv"]),
        (b'sku,quantity\nWIDGET,"1\n', ["not_csv"]),
        (b"sku,quantity\nWIDG\xffET,1\n", ["not_utf8"]),
        (b"sku,quantity\nWIDGET,1.00001\nWIDGET,-1\n", ["bad_number", "not_positive"]),
        (b"sku,colour\nWIDGET,red\n", ["bad_header"]),
        (b"sku,sku,quantity\nWIDGET,WIDGET,1\n" * 9, ["bad_header"]),
        (b"sku,quantity\n", []),
        (b"", []),
    ],
)
def test_csv_that_is_not_right(
    shop: Terminal, written: bytes, codes: list[str | None]
) -> None:
    answer = shop.type("submit", "-", "--command", "receive-stock", "--json", stdin=written)
    assert [row.get("errors", [{"code": None}])[0]["code"] for row in answer.rows] == codes
    assert answer.status == (4 if any(codes) else 0)
    assert all(each["message"].endswith(".") for row in answer.rows
               for each in row.get("errors", []))


def test_csv_of_a_command_that_is_none(shop: Terminal) -> None:
    answer = shop.type("submit", "-", "--command", "sell")
    assert (answer.status, answer.out) == (4, "")
    assert answer.err.startswith("sell is not a command; the commands are ")


# ------------------------------------------------------------------ which database


def test_the_database_of_flag_environment_and_env_file_in_this_order(shop: Terminal) -> None:
    asked = "stocktrail status --json"
    Path(shop.database.parent, ".env").write_text(
        "STOCKTRAIL_DATABASE_URL=sqlite:///of-file.db\n", encoding="utf-8"
    )
    for line, environment, named in (
        (f"{asked} --database $SHOP", {"STOCKTRAIL_DATABASE_URL": "sqlite:///x.db"}, None),
        (asked, {"STOCKTRAIL_DATABASE_URL": shop.url}, None),
        (asked, {"STOCKTRAIL_DATABASE_URL": "sqlite:///of-environment.db"}, "of-environment.db"),
        (asked, {}, "of-file.db"),
        (asked, {"STOCKTRAIL_DATABASE_URL": ""}, "of-file.db"),
        (f"rm .env && {asked}", {}, "stocktrail.db"),
    ):
        answer = shell(shop, line, **environment)
        if named is None:
            assert (answer.status, answer.json["database"]) == (0, shop.url), line
        else:
            error = json.loads(answer.err)
            assert (answer.status, error["code"]) == (5, "ledger_not_found")
            assert f"There is no ledger at {shop.database.parent / named}." in error["message"]


def test_an_env_file_that_is_no_text_is_told(shop: Terminal) -> None:
    Path(shop.database.parent, ".env").write_bytes(b"\xff\xfe\n")
    # Even with a database named: the file may say where its checkpoints are.
    for line in ("stocktrail stock", "stocktrail stock --database $SHOP"):
        answer = shell(shop, line)
        assert (answer.status, answer.out) == (1, "")
        assert answer.err.endswith("[bad_settings]\n")


def test_the_database_may_stand_before_and_after_the_subcommand(shop: Terminal) -> None:
    for line in (
        "stocktrail --database $SHOP stock WIDGET --json",
        "stocktrail stock --database=$SHOP --json WIDGET",
        "stocktrail --json stock WIDGET --database $SHOP",
    ):
        assert shell(shop, line).json["sku"] == "WIDGET"


# ------------------------------------------------------------------ where answers go


def test_results_go_to_stdout_and_messages_to_stderr(shop: Terminal, tmp_path: Path) -> None:
    script = script_of(tmp_path, ONE, REFUSED, INVALID)
    answer = shop.run("submit", str(script), "--json")
    assert (answer.status, answer.err) == (4, "")
    assert [row["status"] for row in answer.rows] == ["accepted", "rejected", "invalid"]
    refused = shop.run("receive-stock", "--sku", "NOBODY-KNOWS", "--quantity", "1")
    assert (refused.status, refused.out) == (3, "")
    assert refused.err.endswith(" [unknown_sku]\n")


def test_a_pipe_is_answered_while_it_is_open(shop: Terminal) -> None:
    answer = shell(
        shop,
        f"printf '%s\\n' '{json.dumps(ONE)}' | {{ cat; sleep 3; }} "
        "| stocktrail submit - --json --database $SHOP | { head -1; }",
    )
    assert answer.json["status"] == "accepted"


def test_a_reader_that_goes_away_is_no_reason_to_complain(
    shop: Terminal, tmp_path: Path
) -> None:
    script = script_of(tmp_path, *[ONE] * 3000)
    told = shell(shop, f"stocktrail submit {script} --json --database $SHOP | head -1")
    assert (len(told.rows), told.err) == (1, "")
    again = shop.type("submit", str(script), "--json")
    assert again.status == 0
    assert shop.ask("stock", "WIDGET")["on_hand"] == {"default": 3025}


@pytest.mark.parametrize(
    "line",
    [
        "stocktrail stock WIDGET --json --database $SHOP >&-",
        "stocktrail stock WIDGET --database $SHOP >&-",
        "stocktrail status --database $SHOP 2>&-",
        "stocktrail receive-stock --sku WIDGET --quantity 1 --database $SHOP <&- >&- 2>&-",
    ],
)
def test_streams_that_are_closed_are_done_without(shop: Terminal, line: str) -> None:
    answer = shell(shop, line)
    assert (answer.status, answer.err) == (0, "")


def test_a_closed_standard_input_is_an_empty_script(shop: Terminal) -> None:
    answer = shell(shop, "stocktrail submit - --database $SHOP <&-")
    assert (answer.status, answer.out) == (0, "0 commands. The ledger is at position 2.\n")


def test_a_failure_is_told_by_its_status_when_stderr_is_closed(shop: Terminal) -> None:
    assert shell(shop, "stocktrail stock NOBODY-KNOWS --database $SHOP 2>&-").status == 3


def test_a_terminal_of_few_letters_gets_escapes_and_json_stays_json(shop: Terminal) -> None:
    shop.submit({"command": "register-product", "sku": "Öl", "name": "Speiseöl 油"})
    told = shell(shop, "stocktrail stock Öl --database $SHOP", PYTHONIOENCODING="ascii")
    assert told.status == 0
    assert "Speise\\xf6l \\u6cb9" in told.out
    asked = shell(shop, "stocktrail stock Öl --json --database $SHOP", PYTHONIOENCODING="ascii")
    assert (asked.status, asked.json["name"]) == (0, "Speiseöl 油")
