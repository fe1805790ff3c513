"""However a script is cut into batches, the same events are recorded and the same is answered."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import assume
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.commands.scripts.reading import Row
from stocktrail.commands.scripts.results import event_as_json
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.refusal import is_kept
from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands import random_commands
from tests.commands.random_commands import OPENING
from tests.commands.scenes import MEMORY, Command, in_chunks, read, script, still

Answers = list[dict[str, Any]]

BAD = {"command": "receive-stock", "sku": "WHOLE", "quantity": "some"}

anything = st.one_of(
    random_commands.good_placing, random_commands.orders, random_commands.stock,
    random_commands.places, random_commands.rules,
)
rows_and_groups = st.lists(
    st.tuples(st.one_of(*[anything] * 7, st.just(BAD)), st.sampled_from([None, None, "g", "h"])),
    min_size=3, max_size=25,
)


def script_of(commands: Sequence[tuple[Command, str | None]]) -> list[Row]:
    """Write the opening and the commands down as one script with some groups, and read it."""
    named = [command if group is None else {**command, "group": group}
             for command, group in commands]
    return read(script(*OPENING, *named))


@contextmanager
def new_database() -> Iterator[str]:
    """Return the URL of a database that does not exist yet."""
    with TemporaryDirectory(prefix="stocktrail-batches-", dir=MEMORY) as folder:
        yield f"sqlite:///{Path(folder) / 'batches.db'}"


def answers(ledger: Ledger, chunks: Iterator[list[Row]]) -> Answers:
    """Submit rows in these lists."""
    return [result.as_json() for result in submit(ledger, chunks)]


def log(ledger: Ledger) -> Answers:
    """Return every event, with its place, its times, who caused it and what it says."""
    return [event_as_json(event) for event in ledger.read(0, 100_000)]


def all_at_once(rows: list[Row]) -> tuple[Answers, Answers]:
    """Submit all rows in one list to a ledger of their own."""
    with new_database() as url, open_ledger(url, clock=still) as ledger:
        return answers(ledger, iter([rows])), log(ledger)


@for_all(rows_and_groups, st.lists(st.integers(1, 9), min_size=1, max_size=6))
def test_rows_may_arrive_in_lists_of_any_size(
    commands: list[tuple[Command, str | None]], sizes: list[int]
) -> None:
    rows = script_of(commands)
    endless = (size for _ in iter(int, 1) for size in sizes)
    with new_database() as url, open_ledger(url, clock=still) as ledger:
        answered = answers(ledger, in_chunks(rows, endless))
        assert (answered, log(ledger)) == all_at_once(rows)


@for_all(rows_and_groups, st.data())
def test_several_processes_may_submit_one_part_after_the_other(
    commands: list[tuple[Command, str | None]], data: st.DataObject
) -> None:
    rows = script_of(commands)
    may_cut = [
        at for at in range(1, len(rows))
        if rows[at].group is None or rows[at].group != rows[at - 1].group
    ]
    cuts = data.draw(st.lists(st.sampled_from(may_cut), max_size=4, unique=True).map(sorted))
    answered: Answers = []
    with new_database() as url:
        for start, end in zip([0, *cuts], [*cuts, len(rows)], strict=True):
            with open_ledger(url, clock=still) as ledger:
                answered += answers(ledger, iter([rows[start:end]]))
        with open_ledger(url, clock=still) as ledger:
            assert (answered, log(ledger)) == all_at_once(rows)


@for_all(rows_and_groups, st.integers(0, 40))
def test_a_script_that_was_cut_off_is_sent_again_as_a_whole(
    commands: list[tuple[Command, str | None]], recorded: int
) -> None:
    rows = script_of(commands)
    while 0 < recorded < len(rows) and rows[recorded].group is not None:
        recorded += 1
    with new_database() as url, open_ledger(url, clock=still) as ledger:
        once = answers(ledger, iter([rows[:recorded]]))
        again = answers(ledger, iter([rows]))
        judged_anew = [
            before for before, after in zip(once, again, strict=False)
            if before["status"] == "rejected"
            and (after["status"], after.get("code")) != ("rejected", before["code"])
        ]
        assert not any(is_kept({"code": each["code"], **each["details"]}) for each in judged_anew)
        assume(not judged_anew)         # what was unknown is known from a later row by now
        expected, events = all_at_once(rows)
        assert log(ledger) == events
        assert [answer["status"] for answer in again] == [
            "duplicate" if answer["status"] == "accepted" and at < recorded else answer["status"]
            for at, answer in enumerate(expected)
        ]


@for_all(rows_and_groups)
def test_a_dry_run_answers_as_the_real_one_would(
    commands: list[tuple[Command, str | None]]
) -> None:
    rows = script_of(commands)
    with new_database() as url, open_ledger(url, clock=still) as ledger:
        dry = [result.as_json() for result in submit(ledger, iter([rows]), dry_run=True)]
        assert log(ledger) == []
        assert {answer.pop("judged_at") for answer in dry} == {0}
        assert {answer.pop("dry_run") for answer in dry} == {True}
        assert dry == answers(ledger, iter([rows]))
