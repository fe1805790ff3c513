"""Backups: taken while the ledger is written to, whole, and without the keys of customers."""

import threading
from io import BytesIO
from pathlib import Path

import orjson
import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import Ledger, open_ledger
from stocktrail.ledger.store.portable.backup import BackupSummary, back_up
from stocktrail.ledger.store.portable.customer_key_rows import add_keys, key_rows
from stocktrail.ledger.store.portable.importing import import_log
from stocktrail.ledger.store.side_tables.customer_keys import CustomerKeys
from stocktrail.ledger.store.side_tables.progress import SideTables
from stocktrail.projections import ReadModels
from stocktrail.projections.verify import verify
from tests.store.test_portable import DEEDS, exported, rows_of, run

KEYS = [("ADA", "k1", "5ec2e7" * 20), ("BOB", "k2", "b0b5" * 30)]


@pytest.fixture
def busy(ledger: Ledger) -> Ledger:
    """Return a ledger with a little history, and the keys of two customers."""
    run(ledger, *DEEDS)
    with SideTables(ledger).writing() as cursor:
        add_keys(cursor, KEYS)
    return ledger


def restored(made: BackupSummary, path: Path, beside: Path) -> Ledger:
    """Open a backup, or import it where it is a log."""
    if made.kind == "database":
        return open_ledger(f"sqlite:///{path}", create=False)
    ledger = open_ledger(f"sqlite:///{beside}")
    with path.open("rb") as lines:
        import_log(ledger, lines)
    return ledger


def test_a_backup_is_the_whole_ledger(busy: Ledger, tmp_path: Path) -> None:
    made = back_up(busy, tmp_path / "copy")
    assert (made.position, made.root) == busy.root()
    with restored(made, tmp_path / "copy", tmp_path / "restored.db") as copy:
        assert rows_of(copy) == rows_of(busy)
        assert verify(ReadModels(copy)).exit_status == 0
        assert run(copy, DEEDS[3]) == ["duplicate"]


def test_a_backup_of_a_file_holds_its_read_models_and_nothing_beside(tmp_path: Path) -> None:
    with open_ledger(f"sqlite:///{tmp_path / 'shop.db'}") as ledger:
        run(ledger, *DEEDS)
        models = ReadModels(ledger)
        models.catch_up()
        back_up(ledger, tmp_path / "copy.db")
        (tmp_path / "alone").mkdir()
        (tmp_path / "copy.db").rename(tmp_path / "alone" / "copy.db")
        with open_ledger(f"sqlite:///{tmp_path / 'alone' / 'copy.db'}", read_only=True) as copy:
            assert ReadModels(copy).status()["read_models"] == models.status()["read_models"]


def test_only_its_owner_may_read_a_backup_and_nothing_is_written_over(
    busy: Ledger, tmp_path: Path
) -> None:
    path = tmp_path / "copy"
    back_up(busy, path)
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_bytes()
    with pytest.raises(Refusal, match="is there already") as refused:
        back_up(busy, path)
    assert refused.value.code == "file_exists"
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir() if ".copy" in each.name] == []


def test_it_is_one_moment_while_others_write(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    enough = threading.Event()

    def sell() -> None:
        with open_ledger(url) as own:
            number = 0
            while not enough.is_set() and number < 5_000:
                number += 1
                one = {"command": "receive-stock", "sku": "A", "quantity": 1}
                run(own, {**one, "id": f"r{number}"})

    with open_ledger(url) as ledger:
        run(ledger, {"command": "register-product", "sku": "A"})
        writer = threading.Thread(target=sell)
        writer.start()
        try:
            ends = [back_up(ledger, tmp_path / f"{at}.db").position for at in range(8)]
        finally:
            enough.set()
            writer.join(timeout=30)
        assert not writer.is_alive()
        assert ends == sorted(ends)
        assert ledger.head().position > ends[0]
    for at, end in enumerate(ends):
        with open_ledger(f"sqlite:///{tmp_path / f'{at}.db'}") as copy:
            assert copy.root()[0] == end
            assert verify(ReadModels(copy)).exit_status == 0


# ---------------------------------------------------------------------- personal data


def test_neither_export_nor_backup_carries_keys(busy: Ledger, tmp_path: Path) -> None:
    back_up(busy, tmp_path / "copy")
    written = (tmp_path / "copy").read_bytes() + exported(busy)
    for customer, key_id, secret in KEYS:
        assert secret.encode() not in written
        assert f'"{customer}"'.encode() not in written, key_id
    assert key_rows(busy) == KEYS


def test_keys_are_carried_when_they_are_asked_for(busy: Ledger, tmp_path: Path) -> None:
    made = back_up(busy, tmp_path / "copy", with_keys=True)
    assert made.customer_keys == len(KEYS)
    with restored(made, tmp_path / "copy", tmp_path / "restored.db") as copy:
        assert key_rows(copy) == KEYS
    with open_ledger(f"sqlite:///{tmp_path / 'imported.db'}") as imported:
        (tmp_path / "log").write_bytes(exported(busy, with_keys=True))
        with (tmp_path / "log").open("rb") as lines:
            import_log(imported, lines)
        assert key_rows(imported) == KEYS
        assert rows_of(imported) == rows_of(busy)


PERSON = {"command": "register-customer", "customer": "C-17", "name": "Ada Lovelace",
          "email": "ada@analytical.example", "id": "who"}


def known_of(ledger: Ledger) -> dict[str, str] | None:
    """Read what a ledger can tell of the customer."""
    body = ledger.outcome("who")
    assert body is not None
    command = orjson.loads(body.body)
    return CustomerKeys(ledger).decrypt("C-17", {name: command[name] for name in ("name", "email")})


def test_a_person_is_read_where_keys_were_asked_for_and_nowhere_else(
    ledger: Ledger, tmp_path: Path
) -> None:
    run(ledger, PERSON)
    assert known_of(ledger) == {"name": "Ada Lovelace", "email": "ada@analytical.example"}
    for with_keys in (True, False):
        name = f"copy-{with_keys}"
        made = back_up(ledger, tmp_path / name, with_keys=with_keys)
        assert b"Lovelace" not in (tmp_path / name).read_bytes()
        with restored(made, tmp_path / name, tmp_path / f"{name}.db") as copy:
            assert known_of(copy) == (known_of(ledger) if with_keys else None)
            assert copy.root() == ledger.root()


def test_after_an_erasure_nothing_brings_the_person_back(ledger: Ledger, tmp_path: Path) -> None:
    run(ledger, PERSON)
    [*_, (_, _, secret)] = key_rows(ledger)
    assert run(ledger, {"command": "erase-customer", "customer": "C-17", "reason": "asked"}) == [
        "accepted"
    ]
    made = back_up(ledger, tmp_path / "copy", with_keys=True)
    written = (tmp_path / "copy").read_bytes() + exported(ledger, with_keys=True)
    for private in (b"Lovelace", b"analytical", secret.encode(), bytes.fromhex(secret)):
        assert private not in written
    with restored(made, tmp_path / "copy", tmp_path / "restored.db") as copy:
        assert known_of(copy) is None
        assert copy.root() == ledger.root()
        assert verify(ReadModels(copy)).exit_status == 0


def test_a_key_from_before_an_erasure_is_destroyed_when_it_is_imported(
    ledger: Ledger, tmp_path: Path
) -> None:
    run(ledger, PERSON)
    key = exported(ledger, with_keys=True).splitlines(keepends=True)[-1]
    run(ledger, {"command": "erase-customer", "customer": "C-17", "reason": "asked"})
    header, *lines = exported(ledger).splitlines(keepends=True)
    header = header.replace(b'"customer_keys":0', b'"customer_keys":1')
    with open_ledger(f"sqlite:///{tmp_path / 'new.db'}") as new:
        import_log(new, BytesIO(b"".join([header, *lines, key])))
        assert known_of(new) is None
        assert key_rows(new) == []


def test_a_key_that_was_destroyed_is_in_no_backup(busy: Ledger, tmp_path: Path) -> None:
    with SideTables(busy).writing() as cursor:
        cursor.execute("DELETE FROM customer_keys WHERE customer = 'ADA'")
    back_up(busy, tmp_path / "copy", with_keys=True)
    written = (tmp_path / "copy").read_bytes() + exported(busy, with_keys=True)
    assert KEYS[0][2].encode() not in written
    assert KEYS[1][2].encode() in written
