"""The ledger on a disk that fails: a clear error, nothing acknowledged is lost, and it goes on."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from simulation.disk.__main__ import main
from simulation.disk.crash_images import crash_images
from simulation.disk.failing_syncs import failing_syncs
from simulation.disk.files import Disk
from simulation.disk.full_disks import full_disks
from simulation.disk.one_process import LoneProcess, OneProcess
from simulation.disk.vfs import mounted
from simulation.surroundings import Fault, Operation
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from tests.store.shop import assert_log_is_sound, order, send, stocked


def at(number: int, fault: Fault, kinds: tuple[str, ...] = ()) -> Callable[[Operation], Fault]:
    """Strike once: at an operation by its number, counting only some kinds if they are named."""
    count = 0

    def choose(operation: Operation) -> Fault:
        nonlocal count
        count += not kinds or operation.kind in kinds
        return fault if count == number and (not kinds or operation.kind in kinds) else Fault.NONE

    return choose


def test_a_ledger_opens_wherever_the_power_was_cut_while_it_was_created(tmp_path: Path) -> None:
    number = 0
    while True:
        number += 1
        surroundings = OneProcess(at(number, Fault.CRASH_AFTER))
        folder = tmp_path / str(number)
        folder.mkdir()
        url = f"sqlite:///{folder / 'shop.db'}"
        with mounted(Disk(random.Random(number), surroundings), folder) as disk:
            try:
                open_ledger(url).close()
            except StorageError:
                assert not surroundings.lone_process.is_alive
            if surroundings.lone_process.is_alive:
                assert number > 50
                return
            disk.power_cut()
            surroundings.lone_process = LoneProcess()
            with open_ledger(url) as ledger:
                send(ledger, stocked("LAMP"))
            assert_log_is_sound(url)
            assert disk.errors == []


@pytest.mark.parametrize(
    ("fault", "code"),
    [(Fault.IO_ERROR, "storage_failed"), (Fault.FULL, "storage_full")],
)
def test_an_error_at_any_write_is_an_answer_and_sending_again_goes_through(
    tmp_path: Path, fault: Fault, code: str
) -> None:
    surroundings = OneProcess(lambda _: Fault.NONE)
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    struck = 0
    with mounted(Disk(random.Random(3), surroundings), tmp_path) as disk:
        with open_ledger(url) as ledger:
            send(ledger, stocked("LAMP"))
            for number in range(1, 30):
                surroundings.choose = at(number, fault, ("write",))
                sent = [order(f"SO-{number}", "LAMP")]
                try:
                    send(ledger, sent)
                except StorageError as error:
                    struck += 1
                    codes = {error.code}
                    assert codes == {code}
                    send(ledger, sent)
                assert ledger.outcome(f"SO-{number}") is not None
            surroundings.choose = at(0, fault)
        assert_log_is_sound(url)
        assert disk.errors == []
    assert struck > 10


@pytest.mark.parametrize("fails_to_the_end", [True, False])
def test_a_sync_that_failed_takes_nothing_with_it_that_is_acknowledged_later(
    tmp_path: Path, *, fails_to_the_end: bool
) -> None:
    fails = Fault.IO_ERROR
    surroundings = OneProcess(lambda _: Fault.NONE)
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    sent = [order("SO-1", "LAMP")]
    with mounted(Disk(random.Random(3), surroundings), tmp_path) as disk:
        with open_ledger(url) as ledger:
            send(ledger, stocked("LAMP"))
            surroundings.choose = lambda each: fails if each.kind == "sync" else Fault.NONE
            with pytest.raises(StorageError, match="send the same commands again"):
                send(ledger, sent)
            if not fails_to_the_end:
                surroundings.choose = at(0, fails)
        surroundings.choose = at(0, fails)
        with open_ledger(url) as ledger:                 # by a process that knows of nothing
            assert {each.status for each in send(ledger, sent)} <= {"accepted", "duplicate"}
            disk.power_cut()
        with open_ledger(url) as ledger:
            assert ledger.outcome("SO-1") is not None
        assert_log_is_sound(url)
        assert disk.errors == []


def test_what_was_copied_before_a_sync_of_the_file_failed_is_copied_again(tmp_path: Path) -> None:
    """A part of the log is copied while somebody reads, and the sync of the rest fails."""
    for seed in range(6):
        folder = tmp_path / str(seed)
        folder.mkdir()
        path, surroundings = folder / "shop.db", OneProcess(lambda _: Fault.NONE)
        url, numbers = f"sqlite:///{path}", iter(range(100))

        def sell(ledger: Ledger, numbers: Iterator[int] = numbers) -> None:
            send(ledger, [order(f"SO-{next(numbers)}", "LAMP") for _ in range(9)])

        with mounted(Disk(random.Random(seed), surroundings), folder) as disk:
            with open_ledger(url) as ledger:
                send(ledger, stocked("LAMP"))
                other, reader = sqlite3.connect(path), sqlite3.connect(path)
                reader.execute("BEGIN").execute("SELECT COUNT(*) FROM commands").fetchone()
                sell(ledger)
                _, pages, copied = other.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                assert 0 < copied < pages
                reader.close()
                surroundings.choose = lambda each: (
                    Fault.IO_ERROR if (each.kind, each.path) == ("sync", "shop.db") else Fault.NONE
                )
                with pytest.raises(sqlite3.OperationalError):
                    other.execute("PRAGMA wal_checkpoint(PASSIVE)")
            surroundings.choose = at(0, Fault.IO_ERROR)
            with open_ledger(url) as ledger:             # by a process that knows of nothing
                sell(ledger)
                later = sqlite3.connect(path)
                _, pages, copied = later.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                assert copied == pages
                later.close()
                sell(ledger)                             # the log begins again
                disk.power_cut()
            with open_ledger(url) as ledger:
                assert all(ledger.outcome(f"SO-{number}") for number in range(next(numbers)))
            assert_log_is_sound(url)
            assert disk.errors == []


def test_whatever_a_power_cut_leaves_opens_and_has_what_was_acknowledged() -> None:
    assert crash_images(20, 20) == 20


def test_on_a_disk_that_does_not_sync_something_is_lost() -> None:
    with pytest.raises(AssertionError):
        crash_images(20, 40, ignores_syncs=True)


@pytest.mark.parametrize("seed", [0, 9, 18, 22])
def test_syncs_that_fail(seed: int) -> None:
    failing_syncs(seed)


@pytest.mark.parametrize("seed", range(5))
def test_disks_that_fill_up(seed: int) -> None:
    full_disks(seed)


def test_the_command_plays_days_from_a_seed_on(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3"]) == 0
    assert "30 images of a power cut" in capsys.readouterr().out
