"""Tables: whatever a file is written in, its rows come out; what is no table is refused."""

import gzip
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from stocktrail.interfaces.importing import table as limits
from stocktrail.interfaces.importing.bad_file import BadFile
from stocktrail.interfaces.importing.fields import Field
from stocktrail.interfaces.importing.findings import Findings
from stocktrail.interfaces.importing.header import judge_header
from stocktrail.interfaces.importing.records import records_of
from stocktrail.interfaces.importing.table_file import read_table
from tests.interfaces.importing.scenes import workbook

FIELDS = (Field("sku", "", ("sku",)), Field("quantity", "", ("quantity",), "number"))

LIST = "SKU;Quantity;Name\r\nKÄSE-1;3;Käse, alt\r\n"


def read(data: bytes | str, **said: Any) -> tuple[list[tuple[int, str, str]], Findings]:
    """Return what stands in the rows of a file: row, SKU and quantity in units."""
    decimal = said.pop("decimal", None)
    table = read_table(data.encode() if isinstance(data, str) else data, "shop.csv", **said)
    findings, found = Findings(), []
    for record in records_of(judge_header(table, FIELDS), findings, decimal):
        with findings.of(record.row):
            number = record.number("quantity")
            shown = "" if number is None else f"{number / 10_000:g}"
            found.append((record.row, record.text("sku"), shown))
    return found, findings


def errors(findings: Findings) -> list[tuple[str, list[int]]]:
    return [(error.code, error.rows) for error in findings.errors]


def refused(data: bytes | str, **said: Any) -> BadFile:
    with pytest.raises(BadFile) as raised:
        read(data, **said)
    assert raised.value.message.endswith(".")
    return raised.value


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"),
     ("utf-16-be", "UTF-16"), ("cp1252", "Latin-1 (Windows-1252)"),
     ("latin-1", "Latin-1 (Windows-1252)")],
)
def test_the_encoding_is_found_out_and_said(encoding: str, told: str) -> None:
    data = LIST.encode(encoding)
    assert read_table(data, "x").told == f"CSV in {told}, separated by semicolons"
    assert read(data)[0] == [(2, "KÄSE-1", "3")]


def test_two_encodings_in_one_file_are_refused_unless_one_is_named() -> None:
    data = LIST.encode() + LIST.encode("cp1252")
    assert "line 4" in refused(data).message
    assert len(read(data, encoding="windows-1252")[0]) == 2
    assert refused(LIST, encoding="klingon").code == "unknown_encoding"
    assert refused(LIST.encode("cp1252"), encoding="utf-8").code == "bad_encoding"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_what_splits_the_header(delimiter: str) -> None:
    header = delimiter.join(["sku", "name", "quantity"])
    row = delimiter.join(["A", '"one, two; three\t|"', "5"])
    assert read(f"{header}\n{row}\n")[0] == [(2, "A", "5")]


def test_a_spreadsheet_may_name_its_delimiter_first() -> None:
    assert read("sep=;\r\nsku;quantity\r\nA;1,5\r\n")[0] == [(3, "A", "1.5")]


def test_the_header_is_below_titles_and_may_come_again() -> None:
    found, findings = read(
        "Stock, all of it,,\nPrinted on Monday,,\n\n SKU ,Name,QUANTITY\n\nA,x,1\n"
        "sku,name,quantity\nB,y,2\n"
    )
    assert found == [(6, "A", "1"), (8, "B", "2")]
    assert [(note.code, note.rows) for note in findings.notes] == [("repeated_header", [7])]


def test_cells_may_hold_lines_and_rows_end_as_they_like() -> None:
    assert read('sku,name,quantity\r"A","two\nlines",1\r\rB,"say ""hi""",2')[0] == [
        (2, "A", "1"), (4, "B", "2")
    ]


def test_rows_that_cannot_be_what_they_were_are_wrong() -> None:
    assert errors(read("sku,quantity\nA,1\n\x1a")[1]) == []         # as DOS ended files
    found, findings = read("sku,quantity\nA,1\nB,2,,\nC,3,oops\nD,4\nE")
    assert [row[1] for row in found] == ["A", "B", "D"]
    assert errors(findings) == [("too_many_cells", [4]), ("cut_off", [6])]
    _, findings = read('sku,quantity\nA,"1\nB,2\n')
    assert [error.sentence for error in findings.errors] == [
        "Row 2: A quotation mark is opened here and never closed."
    ]


def test_a_heading_that_stands_twice_counts_where_both_agree() -> None:
    found, findings = read("sku,quantity,sku\nA,1,A\nB,2,C\n")
    assert found == [(2, "A", "1")]
    assert errors(findings) == [("ambiguous_column", [3])]


@pytest.mark.parametrize(
    ("cells", "read_as"),
    [
        (["1.234,5", "1.234", "12"], ["1234.5", "1234", "12"]),
        (["1,234.5", "1,234", "5.00"], ["1234.5", "1234", "5"]),
        (["1 234", "1\u00a0234", "1'234"], ["1234", "1234", "1234"]),
        (["1E+05", "+3", "-2", "\u22123", "'-4"], ["100000", "3", "-2", "-3", "-4"]),
    ],
)
def test_numbers_say_together_how_they_are_written(cells: list[str], read_as: list[str]) -> None:
    found, findings = read("sku;quantity\n" + "".join(f"A;{cell}\n" for cell in cells))
    assert ([row[2] for row in found], errors(findings)) == (read_as, [])


def test_a_number_of_two_readings_is_not_guessed() -> None:
    _, findings = read("sku;quantity\nA;1.234\n")
    assert "1.234 may be 1.234 or 1234: say which with --decimal" in findings.errors[0].message
    assert read("sku;quantity\nA;1.234\n", decimal="comma")[0] == [(2, "A", "1234")]
    assert read("sku;quantity\nA;1.234\n", decimal="point")[0] == [(2, "A", "1.234")]
    assert read('sku,quantity\nA,"1,234"\n')[0] == [(2, "A", "1234")]
    assert refused("sku;quantity\nA;1.5\nB;2,5\n").code == "two_decimal_marks"
    found, findings = read("sku;quantity\nA;1.5\nB;2,5\n", decimal="comma")
    assert (len(found), errors(findings)) == (1, [("bad_number", [2])])


@pytest.mark.parametrize("cell", ["abc", "12 pcs", "NaN", "1.23456", "100000000000", "#N/A", "5-"])
def test_what_is_no_number_is_wrong(cell: str) -> None:
    assert errors(read(f"sku,quantity\nA,{cell}\n")[1]) == [("bad_number", [2])]


def test_a_workbook_holds_numbers_texts_and_dates() -> None:
    found, findings = read(workbook([
        ["Stock"], [], ["SKU", "Quantity"], [12345, 10], ["A", 0.1 + 0.2], [None, None],
        ["B", "7"], ["C", date(2026, 2, 1)],
    ]))
    assert found == [(4, "12345", "10"), (5, "A", "0.3"), (7, "B", "7")]
    assert errors(findings) == [("bad_number", [8])]
    assert read_table(workbook([["sku"]]), "x").told == "XLSX, sheet Stock"


def test_a_formula_counts_with_its_value_and_is_wrong_without_one() -> None:
    found, findings = read(workbook([
        ["sku", "quantity", "worth"], ["A", "=3+4", 1], ["B", 2, "=B3*5"],
    ]))
    assert found == [(3, "B", "2")]                    # nobody reads what it is worth
    assert "Cell B2 holds a formula without a value" in findings.errors[0].sentence


def test_a_sheet_is_chosen_by_its_name() -> None:
    assert read(workbook([["sku"], ["A"]]), sheet="Stock")[0] == [(2, "A", "")]
    assert "Its sheets are Stock." in refused(workbook([["sku"]]), sheet="Stok").message
    assert refused(LIST, sheet="Stock").code == "unknown_sheet"
    assert refused(workbook([])).code == "empty_file"


def zipped(name: str) -> bytes:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        archive.writestr(name, "x")
    return stream.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"\xd0\xcf\x11\xe0 old", b"%PDF-1.7", gzip.compress(b"sku", mtime=0), zipped("a.txt"),
     b"sku,name\nA,a\x00b\n", zipped("mimetype"), zipped("xl/workbook.xml"),
     b"PK\x03\x04 torn", b"<html><table>", b'{"sku": "A"}'],
    ids=["old workbook", "pdf", "gzip", "zip", "nul", "document", "no workbook", "torn", "html",
         "json"],
)
def test_what_is_no_table_is_refused_whatever_it_is_called(data: bytes) -> None:
    assert refused(data).code == "not_a_table"


def test_what_is_empty_or_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused(b"").code == refused(b"\n \n").code == "empty_file"
    monkeypatch.setattr(limits, "MOST_ROWS", 2)
    assert refused("sku\nA\nB\n").code == "too_many_rows"
    monkeypatch.setattr(limits, "MOST_COLUMNS", 2)
    assert refused("sku,a,b\n").code == "too_many_columns"
    monkeypatch.setattr("stocktrail.interfaces.importing.table_file.MOST_BYTES", 3)
    assert refused("sku\n").code == "too_large"


def test_a_header_that_nobody_knows_is_the_row_that_says_most() -> None:
    refusal = refused("Stock of Monday\n\nArtikel;Menge\nA;1\n")
    assert refusal.code == "missing_column"
    assert refusal.message == (
        "shop.csv: no column is the sku. Say which with --map COLUMN=sku. Its columns, in row 3, "
        "are Artikel, Menge."
    )


@pytest.mark.parametrize(
    ("maps", "sets", "code"),
    [
        (["Art=sku"], [], "unknown_column"), (["Sku=skuu"], [], "unknown_field"),
        (["Sku"], [], "bad_map"), (["Sku=sku", "Name=sku"], [], "repeated_field"),
        (["Sku=sku"], ["sku=A"], "repeated_field"), ([], ["quantity"], "bad_set"),
        (["Name=quantity"], [], "missing_column"),
    ],
)
def test_what_is_said_of_columns_is_judged_by_the_header(
    maps: list[str], sets: list[str], code: str
) -> None:
    header = "Article,Name" if code == "missing_column" else "Sku,Name"
    with pytest.raises(BadFile) as raised:
        judge_header(read_table(f"{header}\nA,B\n".encode(), "x"), FIELDS, maps=maps, sets=sets)
    assert raised.value.code == code
