"""Long lists: people see a page and how to see more, programs get all rows, one page in memory."""

import io
import json
import re
import sys
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from stocktrail.interfaces.cli import paged_answers, screen
from stocktrail.interfaces.cli.screen import Screen
from stocktrail.interfaces.cli.streamed_json import pieces
from stocktrail.interfaces.cli.table_layout import Cell, TableLayout
from stocktrail.projections.questions import pages
from stocktrail.projections.questions.stock_list import StockOfAll
from tests.interfaces.terminal import Answer, Terminal

ITEMS = 25


@pytest.fixture
def many_items(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Return a terminal on a shop of 25 items, all of them low, where 10 rows are a page."""
    monkeypatch.setattr(paged_answers, "ROWS_SHOWN", 10)
    monkeypatch.setattr(pages, "ROWS_AT_ONCE", 10)
    monkeypatch.setattr(screen, "MEASURED_ROWS", 10)
    answer = terminal.submit(
        {"command": "change-threshold", "threshold": "notify_below", "value": 30},
        *(
            {"command": command, "sku": f"I{number:02}", **more}
            for number in range(ITEMS)
            for command, more in (("register-product", {}), ("receive-stock", {"quantity": 20}))
        ),
    )
    assert answer.status == 0, answer.out
    return terminal


def items_in(answer: Answer) -> list[str]:
    """Return the items that a table shows, one a line."""
    return [line.split()[0] for line in answer.out.splitlines() if line.startswith("I")]


def events_in(answer: Answer) -> list[str]:
    """Return the positions of the events that a table shows, one a line."""
    return [line.split()[0] for line in answer.out.splitlines() if re.match(r" *\d+  20", line)]


def with_sentences(answer: Answer, *sentences: str) -> bool:
    """Return whether all of these were written."""
    return all(sentence in answer.said for sentence in sentences)


def test_people_see_a_page_of_the_log_and_programs_all_of_it(many_items: Terminal) -> None:
    answer = many_items.type("events")
    assert events_in(answer) == [str(position) for position in range(1, 11)]
    assert with_sentences(answer, "--after 10", "--all")

    assert len(events_in(many_items.type("events", "--after", "40"))) == 10
    every = len(events_in(many_items.type("events", "--all")))
    assert every == len(many_items.type("events", "--json").out.splitlines())
    last_page = many_items.type("events", "--after", str(every - 10))
    assert len(events_in(last_page)) == 10
    assert "--all" not in last_page.said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["stock"], "10 of 25 items in pool default"),
        (["low-stock"], "10 of 25 low items are shown."),
        (["notices"], "10 of 25 notices are shown."),
    ],
)
def test_people_see_a_page_how_many_there_are_and_how_to_see_more(
    many_items: Terminal, words: list[str], told: str
) -> None:
    answer = many_items.type(*words)
    assert len(items_in(answer)) == 10
    assert with_sentences(answer, told, "--after", "--all")

    following = many_items.type(*words, "--after", answer.out.split("--after ")[1].split()[0])
    every = many_items.type(*words, "--all")
    assert items_in(answer) + items_in(following) == items_in(every)[:20]
    assert len(items_in(every)) == ITEMS
    assert "--after" not in every.out


def test_a_list_that_fits_on_a_page_says_nothing_of_pages(many_items: Terminal) -> None:
    answer = many_items.type("history", "I03")
    assert "--all" not in answer.out
    assert "shown" not in answer.out


def test_programs_get_all_rows_whatever_a_page_is(many_items: Terminal) -> None:
    listed = many_items.ask("stock")
    assert [row["sku"] for row in listed["rows"]] == [f"I{number:02}" for number in range(ITEMS)]
    assert listed["next"] is None
    assert len(many_items.ask("stock", "--limit", "3")["rows"]) == 3


def test_the_text_of_json_is_that_of_the_whole_report(many_items: Terminal) -> None:
    for words in (["stock"], ["low-stock"], ["notices"], ["history", "I03"]):
        written = many_items.type(*words, "--json").out
        report = orjson.loads(written)
        assert written == orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n"


def test_the_first_row_is_written_before_the_second_page_is_read(
    many_items: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[str] = []
    answer = StockOfAll.answer

    def noted(question: StockOfAll, models: Any) -> Any:
        events.append("read")
        return answer(question, models)

    class Output(io.TextIOWrapper):
        def write(self, text: str) -> int:
            if '"sku"' in text or text.startswith("I"):
                events.append("written")
            return super().write(text)

    monkeypatch.setattr(StockOfAll, "answer", noted)
    for flag in ("--json", "--all"):
        events.clear()
        with redirect_stdout(Output(io.BytesIO(), "utf-8")):
            sys.stdout.flush()
            many_items_main(many_items, "stock", flag)
        rows = list(runs(events))
        assert rows[:2] == [("read", 1), ("written", 10)]
        assert [kind for kind, _ in rows].count("read") == 3     # pages of 10, 10 and 5 rows


def many_items_main(terminal: Terminal, *words: str) -> None:
    """Run a subcommand with the output that is set."""
    from stocktrail.interfaces.cli import main

    assert main([*words, "--database", terminal.url]) == 0


def runs(events: list[str]) -> Iterator[tuple[str, int]]:
    """Yield what happened, with how often it did in a row."""
    last, times = "", 0
    for event in [*events, ""]:
        if event == last:
            times += 1
            continue
        if last:
            yield last, times
        last, times = event, 1


def test_pages_are_read_from_one_state_whatever_is_recorded_meanwhile(
    many_items: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = StockOfAll.answer

    def while_others_go_on(question: StockOfAll, models: Any) -> Any:
        report = answer(question, models)
        other = Terminal(many_items.database)
        assert other.submit({"command": "receive-stock", "sku": "I24", "quantity": 1}).status == 0
        monkeypatch.setattr(StockOfAll, "answer", answer)
        other.ask("stock", "I24")                      # folds it into the read models
        return report

    monkeypatch.setattr(StockOfAll, "answer", while_others_go_on)
    listed = many_items.ask("stock")
    assert listed["rows"][-1]["supply"] == 20
    assert {row["as_of"] for row in listed["rows"]} == {listed["as_of"]}
    assert many_items.ask("stock", "I24")["supply"] == 21


def test_flags_of_the_list_are_refused_where_one_item_is_asked_about(many_items: Terminal) -> None:
    answer = many_items.type("stock", "I03", "--limit", "3")
    assert answer.status == 4
    assert "--limit: is for the list of all; leave sku out." in answer.err


# ------------------------------------------------------------------ tables

WORDS = st.text("abc \u6f22\u00e9,.-", min_size=0, max_size=60).map(str.strip)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]], int]:
    """Draw the headings and rows of a table, and the width of a screen."""
    columns = draw(st.integers(1, 7))
    headings = draw(st.lists(
        st.tuples(st.sampled_from(["", "#", "~"]), st.text("abc", min_size=1, max_size=9)),
        min_size=columns, max_size=columns,
    ))
    rows = draw(st.lists(st.lists(WORDS, min_size=columns, max_size=columns), max_size=4))
    return ["".join(each) for each in headings], rows, draw(st.sampled_from([60, 80, 120, 200]))


@settings(max_examples=150)
@given(table=tables())
def test_a_table_looks_as_the_library_draws_it(
    table: tuple[list[str], list[list[str]], int]
) -> None:
    headings, rows, width = table
    own = drawn(headings, rows, width)
    library = drawn_by_the_library(headings, rows, width)
    if all(Text(line).cell_len <= width for line in library):   # elsewhere it cuts lines off
        assert own == library


def least_widths(headings: list[str], rows: list[list[str]]) -> list[int]:
    """Return how narrow each column may become: prose 9, another 24, or as it is."""
    return [
        min(
            max([len(heading.lstrip("#~")), *(Text(row[place]).cell_len for row in rows)]),
            9 if heading.startswith("~") else 24,
        )
        for place, heading in enumerate(headings)
    ]


def drawn(headings: list[str], rows: list[list[str]], width: int) -> list[str]:
    """Lay a table out."""
    cells = [[Cell(text) for text in row] for row in rows]
    layout = TableLayout(headings, cells, Console(file=io.StringIO(), width=width))
    lines = [*layout.head(), [(layout.rule(), False)]]
    lines += [line for row in cells for line in layout.lines(row)]
    return ["".join(text for text, _ in line) for line in lines]


def drawn_by_the_library(headings: list[str], rows: list[list[str]], width: int) -> list[str]:
    """Draw a table as it was drawn before 2026-11-30."""
    console = Console(
        file=(out := io.StringIO()), width=width, highlight=False, markup=False, emoji=False
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    for heading, least in zip(headings, least_widths(headings, rows), strict=True):
        table.add_column(
            heading.lstrip("#~"), justify="right" if heading.startswith("#") else "left",
            overflow="fold", min_width=least,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    console.print(table, crop=False)
    return out.getvalue().splitlines()


def test_a_cell_that_is_wider_than_the_first_rows_widens_its_column(
    monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen, "MEASURED_ROWS", 2)
    out = io.StringIO()
    with redirect_stdout(out):
        Screen().table(("#position", "what"), [[9, "a"], [10, "b"], [12_345_678, "c"], [11, "d"]])
    assert out.getvalue().splitlines()[2:] == [
        "       9  a   ", "      10  b   ", "12,345,678  c   ", "        11  d   "
    ]


def test_a_table_that_is_too_wide_for_a_terminal_is_a_sentence_a_row(
    many_items: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = many_items.type("stock", "--limit", "2").out.splitlines()
    assert max(map(len, wide)) > 60
    monkeypatch.setenv("COLUMNS", "60")
    folded = many_items.type("stock", "--limit", "2").out.splitlines()
    assert max(map(len, folded)) <= 60
    assert [line.split() for line in folded[:2]] == [
        ["item", "name", "on", "hand", "demand", "backordered", "salable", "the", "shop"], ["says"]
    ]
    monkeypatch.setenv("COLUMNS", "44")
    narrow = many_items.type("stock", "--limit", "2").out.splitlines()
    assert max(map(len, narrow)) <= 44
    assert narrow[0].startswith("item I00: on hand 20; demand 0; backordered")
    assert not any("\u2500" in line for line in narrow)


@given(rows=st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=3)))
def test_streamed_json_is_the_text_of_the_whole(rows: list[dict[str, str]]) -> None:
    report = {"as_of": 3, "rows": rows, "parked": ["a", "b"], "next": None}
    streamed = "".join(pieces(report | {"rows": iter(rows)}, "rows"))
    assert streamed == orjson.dumps(report, option=orjson.OPT_INDENT_2).decode() + "\n"
    assert json.loads(streamed) == report


def test_people_are_told_the_latest_of_what_happened_and_what_leads_to_the_rest(
    many_items: Terminal
) -> None:
    assert many_items.submit(
        *({"command": "receive-stock", "sku": "I03", "quantity": 7} for _ in range(4))
    ).status == 0
    for words in (["explain", "stock", "I03"], ["replay", "I03"]):
        latest = many_items.type(*words, "--last", "2")
        assert len(events_in(latest)) == 2
        assert with_sentences(latest, "the events before these", "--all")
        before = latest.out.split("--before ")[1].split()[0]
        earlier = many_items.type(*words, "--last", "2", "--before", before)
        every = many_items.type(*words, "--all")
        assert events_in(every)[-4:] == events_in(earlier) + events_in(latest)
        assert "--before" not in every.out
