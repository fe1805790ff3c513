"""A full disk: a clear error, nothing half done, and the same commands succeed afterwards."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from eventsourcing.sqlite import SQLiteConnection

from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import StorageError, open_ledger
from stocktrail.ledger.store.sqlite.connection_pools import LedgerConnectionPool
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.stock import stock
from tests.store.faults import mounted
from tests.store.shop import (
    Command,
    Trickle,
    assert_log_is_sound,
    events_of,
    numbered,
    order,
    outcomes_of,
    script,
    send,
    statuses,
    stocked,
    table,
)

ORDERS = [order(name, "TEA", "SUGAR", customer="C" * 120) for name in numbered("SO", 1500)]


@contextmanager
def no_room_beyond(monkeypatch: pytest.MonkeyPatch, pages: int) -> Iterator[None]:
    """Let no connection made in this block grow its file beyond so many pages."""
    create: Callable[[LedgerConnectionPool], SQLiteConnection] = (
        LedgerConnectionPool._create_connection
    )

    def limited(pool: LedgerConnectionPool) -> SQLiteConnection:
        connection = create(pool)
        connection.cursor().execute(f"PRAGMA max_page_count={pages}")
        return connection

    with monkeypatch.context() as patched:
        patched.setattr(LedgerConnectionPool, "_create_connection", limited)
        yield


def send_until_full(url: str, commands: list[Command]) -> int:
    """Send commands until there is no room, and count those that were answered before."""
    with open_ledger(url) as ledger:
        answers = submit(ledger, read_json_lines(Trickle(script(commands), 20_000)))
        answered: list[Result] = []
        with pytest.raises(StorageError) as raised:
            answered.extend(answers)
        assert raised.value.code == "storage_full", raised.value.message
        assert "free some space" in raised.value.message
        # The writer goes on in the same process: what is known is answered.
        assert statuses(send(ledger, commands[:1])) == ["duplicate"]
        return len(answered)


def assert_whole_and_finished_later(url: str, commands: list[Command], answered: int) -> None:
    """See that nothing is half done, and that all goes through once there is room again."""
    known = len(outcomes_of(url))
    assert known == answered
    assert_log_is_sound(url)
    with open_ledger(url) as ledger:
        again = statuses(send(ledger, commands))
    assert again == ["duplicate"] * known + ["accepted"] * (len(commands) - known)
    assert_log_is_sound(url)
    assert table(url, "PRAGMA integrity_check") == [("ok",)]


def test_a_file_that_cannot_grow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    commands = [*stocked("TEA", "SUGAR", quantity=5000), *ORDERS]
    with no_room_beyond(monkeypatch, 120):
        answered = send_until_full(url, commands)
    assert 50 <= answered < len(commands)
    assert_whole_and_finished_later(url, commands, answered)


def test_a_ledger_that_cannot_even_be_created(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with no_room_beyond(monkeypatch, 3), pytest.raises(StorageError) as raised:
        open_ledger(url)
    assert raised.value.code == "storage_full"
    with open_ledger(url) as ledger:
        assert statuses(send(ledger, stocked("TEA"))) == ["accepted"] * 2


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 1.5 MB, where that is permitted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    yield from mounted(folder, "1536k")


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk / 'shop.db'}"
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 700_000)
    commands = [*stocked("TEA", "SUGAR", quantity=5000), *ORDERS[:500]]
    answered = send_until_full(url, commands)
    before = events_of(url)
    filler.unlink()
    assert events_of(url) == before
    assert_whole_and_finished_later(url, commands, answered)


def test_a_dry_run_that_finds_no_room_for_its_scratch_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA"))
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
        with pytest.raises(StorageError) as raised:
            send(ledger, [order("SO-1", "TEA")], dry_run=True)
        assert "temporary files" in raised.value.message
    assert assert_log_is_sound(url) == 2


def test_a_ledger_that_is_opened_on_a_full_disk_answers_questions(small_disk: Path) -> None:
    path = small_disk / "shop.db"
    url = f"sqlite:///{path}"
    with open_ledger(url) as ledger:
        send(ledger, stocked("TEA", quantity=5))
    filler = small_disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as written:
        while True:
            written.write(b"x" * 4096)
    with open_ledger(url) as ledger:
        models = ReadModels(ledger)
        models.catch_up()
        assert stock(models, "TEA")["supply"] == 5
        with pytest.raises(StorageError, match="Questions are answered") as raised:
            send(ledger, [order("SO-1", "TEA")])
        assert raised.value.code == "storage_full"
    filler.unlink()
    with open_ledger(url) as ledger:
        assert statuses(send(ledger, [order("SO-1", "TEA")])) == ["accepted"]
