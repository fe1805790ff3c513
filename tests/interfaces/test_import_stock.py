"""``import-stock`` as it is typed: what it says, what it writes, and what it leaves alone."""

import json
from pathlib import Path

import pytest

from tests.interfaces.importing.files import PLAIN, PLAIN_FLAGS, WOOCOMMERCE_PRODUCTS
from tests.interfaces.importing.scenes import workbook
from tests.interfaces.terminal import Terminal

MAPPED = [word for flag in PLAIN_FLAGS for word in ("--map", flag)]


@pytest.fixture
def folder(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which files are typed by their names."""
    monkeypatch.chdir(terminal.database.parent)
    return terminal.database.parent


def test_a_file_is_previewed_recorded_and_then_known(terminal: Terminal, folder: Path) -> None:
    (folder / "woo.csv").write_text(WOOCOMMERCE_PRODUCTS, encoding="utf-8")
    tried = terminal.type("import-stock", "woo.csv", "--dry-run")
    assert (tried.status, tried.err) == (0, "")
    assert "CSV in UTF-8, separated by commas, read as WooCommerce; header in row 1." in tried.said
    assert "Low stock amount" in tried.said
    assert "Ignored: ID, GTIN, UPC, EAN, or ISBN, Published" in tried.said
    assert "2 count CAP default 25" in tried.said
    assert "Row 5: no SKU; left out." in tried.said
    assert tried.said.endswith("Dry run at position 0: nothing was recorded.")
    assert not terminal.database.exists()
    done = terminal.type("import-stock", "woo.csv")
    assert (done.status, done.err) == (0, "")
    assert "The ledger is at position 17." in done.said
    again = terminal.type("import-stock", "woo.csv")
    assert "Nothing to record: 6 items as the ledger shows them already." in again.said
    assert terminal.ask("stock", "CAP")["on_hand"] == {"default": 25}


def test_any_list_is_mapped_from_a_file_or_a_pipe(terminal: Terminal, folder: Path) -> None:
    (folder / "list.csv").write_bytes(PLAIN.encode("utf-16"))
    found = terminal.ask("import-stock", "list.csv", *MAPPED, "--set", "unit=piece")
    assert found["read_as"] == "CSV in UTF-16, separated by semicolons"
    assert found["columns"]["quantity"] == "Count"
    assert (found["set"], found["ignored"]) == ({"unit": "piece"}, [])
    assert found["counts"]["count"] == 3
    assert found["changes"][-1] == {
        "row": 5, "what": "count", "subject": "WICK", "at": "hamburg", "before": "", "after": "0",
        "command": "count-stock",
    }
    assert found["notes"] == [{"code": "no_sku", "message": "no SKU; left out.", "rows": [6]}]
    assert (found["is_recorded"], found["statuses"]) == (True, {"accepted": 12})
    piped = terminal.type(
        "import-stock", "-", "--set", "source=berlin", stdin=b"sku,quantity\nSHADE,6\n"
    )
    assert piped.status == 0
    assert "standard input: CSV in UTF-8" in piped.said
    assert terminal.ask("stock", "SHADE")["on_hand"] == {"berlin": 6}


def test_the_commands_are_printed_and_submitted(terminal: Terminal, folder: Path) -> None:
    (folder / "list.xlsx").write_bytes(workbook([["sku", "quantity"], ["A", 5], ["", 2]]))
    printed = terminal.type("import-stock", "list.xlsx", "--commands")
    assert printed.err == "Row 3: no SKU; left out.\n"            # beside the script, not in it
    assert [row["command"] for row in printed.rows] == ["register-product", "count-stock"]
    assert not terminal.database.exists()
    assert terminal.type("submit", "-", stdin=printed.out.encode()).status == 0
    assert terminal.type("import-stock", "list.xlsx", "--commands").out == ""


def test_wrong_rows_keep_all_back_unless_they_are_skipped(
    terminal: Terminal, folder: Path
) -> None:
    (folder / "list.csv").write_text("sku,quantity\nA,one\nB,2\n", encoding="utf-8")
    answer = terminal.type("import-stock", "list.csv")
    assert answer.status == 4
    assert answer.err == "Row 2: quantity: 'one' is not a number. [bad_number]\n"
    assert "Nothing was recorded: 1 row cannot be imported." in answer.said
    assert terminal.type("import-stock", "list.csv", "--commands").out == ""
    found = terminal.type("import-stock", "list.csv", "--json")
    assert (found.status, found.json["is_recorded"]) == (4, False)
    assert found.json["errors"][0]["rows"] == [2]
    assert terminal.type("import-stock", "list.csv", "--skip-wrong").status == 4
    assert [row["sku"] for row in terminal.ask("products")["rows"]] == ["B"]


def test_what_the_ledger_refuses_is_said_with_its_row(terminal: Terminal, folder: Path) -> None:
    (folder / "list.csv").write_text("sku,quantity\nA,1.5\n", encoding="utf-8")
    assert terminal.type("import-stock", "list.csv").status == 0
    answer = terminal.type("import-stock", "list.csv", "--set", "decimal=no")
    assert answer.status == 3
    assert answer.err.startswith("Row 2, describe item A: A comes in whole units only")
    assert answer.err.endswith("[decimal_not_allowed]\n")
    assert "Nothing was recorded" in answer.said


@pytest.mark.parametrize(
    ("words", "status", "code"),
    [
        (["nothere.csv"], 1, "cannot_read"), (["."], 1, "cannot_read"),
        (["-x"], 2, "unknown_flag"), (["list.csv", "--format", "amazon"], 2, "bad_flag"),
        (["list.csv", "--map", "Amount=quantity"], 4, "unknown_column"),
        (["list.csv", "--set", "colour=red"], 4, "unknown_field"),
        (["list.csv", "--encoding", "klingon"], 4, "unknown_encoding"),
        (["list.csv", "--decimal", "dot"], 2, "bad_flag"),
        (["list.csv", "--occurred-at", "Monday"], 4, "bad_moment"),
        (["list.csv", "--dry-run", "--commands"], 2, "bad_flag"),
        (["list.csv", "--format", "shopify", "--map", "quantity=sku"], 4, "repeated_field"),
        (["-"], 4, "empty_file"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence_with_a_code(
    terminal: Terminal, folder: Path, words: list[str], status: int, code: str
) -> None:
    (folder / "list.csv").write_text("sku,quantity\nA,1\n", encoding="utf-8")
    if code == "repeated_field":
        words += ["--map", "sku=sku"]
    answer = terminal.type("import-stock", *words, "--json")
    assert (answer.status, answer.out) == (status, "")
    error = json.loads(answer.err)
    assert (error["code"], error["message"][-1:]) == (code, ".")
    assert not terminal.database.exists()
