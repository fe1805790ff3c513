"""CSV for one type of command: the first row names the fields, and every row is answered."""

from hashlib import sha256
from io import BytesIO

import pytest

from stocktrail.commands.model import CommandEnvelope
from stocktrail.commands.scripts.csv_header import commands_of
from stocktrail.commands.scripts.reading import Row, read_csv
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import Ledger
from tests.commands.scenes import given, on_hand, product, statuses, waiting


def rows_of(text: str | bytes, command: str = "receive-stock", run: str | None = None) -> list[Row]:
    """Read a whole CSV file."""
    written = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
    stream = BytesIO(written)
    return [row for rows in read_csv(stream, command, run=run) for row in rows]


def wrong(row: Row) -> list[tuple[str, str]]:
    """Return pointer and code of every error."""
    assert row.command is None
    return [(error["pointer"], error["code"]) for error in row.errors]


def test_columns_are_fields_and_empty_cells_are_absent(ledger: Ledger) -> None:
    given(ledger, product(), {"command": "register-source", "source": "east"})
    rows = rows_of("sku,quantity,source,reason\nA,5,east,\nA,\"2\",,found\n")
    assert statuses(submit(ledger, [rows])) == ["accepted", "accepted"]
    assert on_hand(ledger, "A") == {"east": 5, "default": 2}


def test_lists_and_objects_are_json_in_a_cell(ledger: Ledger) -> None:
    text = 'sku,decimal,attributes\nA,true,"{""colour"": ""red"", ""size"": 4}"\nB,,\n'
    assert statuses(submit(ledger, [rows_of(text, "register-product")])) == ["accepted"] * 2
    given(ledger, {"command": "receive-stock", "sku": "A", "quantity": 9})
    text = 'order,customer,lines,priority\nSO-1,Ada,"[{""sku"": ""A"", ""quantity"": 1.5}]",2\n'
    assert statuses(submit(ledger, [rows_of(text, "place-order")])) == ["accepted"]
    assert waiting(ledger, "A") == {("SO-1", 1): (1.5, 0)}


def test_a_cell_may_hold_commas_quotes_and_line_ends() -> None:
    (row,) = rows_of('sku,name\nA,"one, ""two""\nthree"\n', "register-product")
    assert row.command is not None
    assert row.command.model_dump()["name"] == 'one, "two"\nthree'
    assert row.line == 3


def test_a_byte_order_mark_and_windows_line_ends_are_passed_over() -> None:
    rows = rows_of(b"\xef\xbb\xbfsku,quantity\r\nA,1\r\nB,2\r\n")
    assert [row.command is not None for row in rows] == [True, True]


def test_the_last_row_needs_no_line_end() -> None:
    assert [row.command is not None for row in rows_of("sku,quantity\nA,1\nB,2")] == [True, True]


def test_a_file_without_rows_gives_none() -> None:
    assert rows_of("") == rows_of("sku,quantity\n") == []


def test_spaces_around_the_names_of_fields_are_passed_over() -> None:
    (row,) = rows_of(" sku , quantity \nA,1\n")
    assert row.command is not None


# ---------------------------------------------------------------- what is wrong


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("sku,qty", "names qty, which receive-stock does not have, and does not name quantity."),
        ("sku,Quantty", "names Quantty (did you mean quantity?), which receive-stock does not"),
        ("sku,quantity,", "names a field without a name, which receive-stock does not have."),
        ("source", "does not name sku and quantity."),
        ("sku,sku,quantity", "names sku twice."),
        ("sku,quant\udcfcty", "The first row is not UTF-8: save the file as CSV in UTF-8."),
        ("sku;quantity", "its fields are separated by semicolons. Separate them by commas."),
    ],
)
def test_a_wrong_first_row_is_said_once_and_no_row_is_read(header: str, said: str) -> None:
    (row,) = rows_of(f"{header}\n" + "A,1\n" * 2000)
    assert (row.line, row.torn, wrong(row)) == (1, True, [("", "bad_header")])
    assert said in row.errors[0]["message"]


def test_a_first_row_says_what_commands_its_rows_can_be() -> None:
    assert commands_of(["sku", "counted", "source"]) == ["count-stock"]
    assert commands_of(["Handle", "Title"]) == []


def test_too_few_and_too_many_cells_are_errors() -> None:
    rows = rows_of("sku,quantity\nA\nA,1,2\nA,1\n")
    assert [wrong(row) for row in rows[:2]] == [[("", "not_csv")]] * 2
    assert rows[2].command is not None


def test_an_empty_row_is_an_error_wherever_it_stands() -> None:
    rows = rows_of("\nsku,quantity\nA,1\n\nA,2\n")
    assert [row.command is not None for row in rows] == [False, True, False, True]
    assert wrong(rows[0]) == wrong(rows[2]) == [("", "empty")]


def test_bad_quotes_are_an_error_and_the_next_row_is_read() -> None:
    rows = rows_of('sku,quantity\nA,"1"x\nB,2\n')
    assert wrong(rows[0]) == [("", "not_csv")]
    assert rows[1].command is not None


def test_a_header_that_cannot_be_read_lets_no_row_through() -> None:
    rows = rows_of('sku,"quantity"x\nA,1\n')
    assert [row.command for row in rows] == [None, None]


def test_a_quote_that_is_never_closed_is_one_error() -> None:
    rows = rows_of('sku,quantity\nA,1\nB,"2\nC,3\n')
    assert rows[0].command is not None
    assert [wrong(row) for row in rows[1:]] == [[("", "not_csv")]]


def test_bytes_that_are_not_utf_8_are_an_error_and_the_next_row_is_read() -> None:
    rows = rows_of(b"sku,quantity\nA\xff,1\nB,2\n")
    assert wrong(rows[0]) == [("", "not_utf8")]
    assert rows[1].command is not None


@pytest.mark.parametrize("number", ["x", "1e3", "1E-2", " 1", "1.00000", "NaN", "\x00", "1,5"])
def test_numbers_are_judged_as_in_json_lines(number: str) -> None:
    (row,) = rows_of(f'sku,quantity\nA,"{number}"\n')
    assert wrong(row) == [("/quantity", "bad_number")]


def test_a_cell_that_is_not_json_keeps_the_id_and_the_group_of_its_row() -> None:
    (row,) = rows_of('id,group,sku,attributes\nc-1,g,A,"{"\n', "register-product")
    assert wrong(row) == [("/attributes", "not_json")]
    assert (row.id, row.group) == ("c-1", "g")


def test_a_key_that_stands_twice_in_a_cell_is_named_below_its_field() -> None:
    cell = '"{""a"": 1, ""a"": 2}"'
    (row,) = rows_of(f"id,group,sku,attributes\nc-1,g,A,{cell}\n", "register-product")
    assert wrong(row) == [("/attributes/a", "duplicate_key")]
    assert (row.id, row.group, row.torn) == ("c-1", "g", False)


@pytest.mark.parametrize("value", ["1e30", "1.234567890123456", "9" * 30, "null"])
def test_attributes_are_as_strict_as_in_json_lines(value: str) -> None:
    (row,) = rows_of(f'sku,attributes\nA,"{{""a"": {value}}}"\n', "register-product")
    assert wrong(row) == [("/attributes/a", "bad_attribute")]


@pytest.mark.parametrize(
    ("value", "kept"), [("1.5", b"1.5"), ("-0.25", b"-0.25"), ("2.0", b"2"), ("1e3", b"1000")]
)
def test_attributes_may_be_numbers(value: str, kept: bytes) -> None:
    (row,) = rows_of(f'sku,attributes\nA,"{{""weight"": {value}}}"\n', "register-product")
    assert row.command is not None
    assert b'"attributes":{"weight":%b}' % kept in CommandEnvelope(row.command, row.id).body


def test_a_row_of_another_command_is_an_error() -> None:
    first, second = rows_of("command,sku,quantity\nreceive-stock,A,1\ncount-stock,A,1\n")
    assert first.command is not None
    assert wrong(second) == [("/command", "unknown_command")]


def test_a_group_in_csv_is_all_or_nothing(ledger: Ledger) -> None:
    given(ledger, product())
    rows = rows_of("id,group,sku,quantity\n1,g,A,1\n2,g,A,x\n3,,A,5\n")
    assert statuses(submit(ledger, [rows])) == ["group_failed", "invalid", "accepted"]
    assert on_hand(ledger, "A") == {"default": 5}


def test_a_row_of_csv_that_cannot_be_read_fails_the_group_before_it(ledger: Ledger) -> None:
    given(ledger, product())
    rows = rows_of("group,sku,quantity\ng,A,1\ng,A\n")
    assert statuses(submit(ledger, [rows])) == ["group_failed", "invalid"]


def test_a_cell_may_be_long() -> None:
    lines = ",".join('{""sku"": ""A"", ""quantity"": 1}' for _ in range(9_000))
    (row,) = rows_of(f'order,customer,lines\nSO-1,Ada,"[{lines}]"\n', "place-order")
    assert row.command is not None


def test_derived_ids_are_digests_of_everything_up_to_the_line() -> None:
    text = 'sku,quantity\n"A",1\nB,2\n'
    first, second = rows_of(text)
    assert first.id == sha256(b'sku,quantity\n"A",1\n').hexdigest()
    assert second.id == sha256(text.encode()).hexdigest()
    assert rows_of(text, run="monday")[1].id == sha256(b"monday" + text.encode()).hexdigest()


def test_rows_come_out_as_soon_as_they_are_read() -> None:
    class Pipe(BytesIO):
        """A pipe that hands out one line at a time and knows how many it gave."""

        given = 0

        def read1(self, _: int | None = -1, /) -> bytes:
            self.given += 1
            return self.readline()

    pipe = Pipe(b"sku,quantity\nA,1\nA,2\n")
    rows = (row for found in read_csv(pipe, "receive-stock") for row in found)
    assert next(rows).line == 2
    assert pipe.given == 2, "the second row was not waited for"
    assert [row.line for row in rows] == [3]
