"""The page about upgrades, carried out on ledgers of the first version: there, and the way back."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from stocktrail.interfaces.cli import main
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres_address import postgres_address
from stocktrail.ledger.store.upgrade.former_rows import FORMER_VERSIONS
from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.store.former_ledgers import put_on_server, write_golden
from tests.store.shop import Command, events_of, send, statuses, table

Restore = Callable[[], object]

MEANWHILE: list[Command] = [
    {"command": "receive-stock", "sku": "TEA", "quantity": 5, "id": "after-1"},
    {"command": "place-order", "order": "SO-NEW", "customer": "ADA", "id": "after-2",
     "lines": [{"sku": "TEA", "quantity": 2}]},
]


class FormerShop:
    """A ledger that a former version wrote, with a backup of before the upgrade."""

    def __init__(self, url: str, restore: Restore) -> None:
        self.url = url
        self.restore = restore
        self.before = self.rows()

    def rows(self) -> list[list[tuple[Any, ...]]]:
        """Return every row of the log, as the former version kept it."""
        return [
            table(self.url, f"SELECT * FROM {name} ORDER BY 1")
            for name in ("stored_events", "stored_commands", "ledger_head")
        ]

    def type(self, *words: str) -> int:
        """Type a subcommand about it, and return its exit status."""
        return main([*words, "--database", self.url])


def on_sqlite(version: int, folder: Path) -> FormerShop:
    """Return one in a file, and the backup that the page tells to make."""
    file, backup = folder / "shop.db", folder / "before-upgrade.db"
    write_golden(file, version)
    shop = FormerShop(f"sqlite:///{file}", lambda: put_back(backup, file))
    assert shop.type("backup", "--keys", str(backup)) == 0
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("PRAGMA user_version").fetchone() == (version,)
    assert shop.rows() == shop.before, "making a backup is no upgrade"
    return shop


def put_back(backup: Path, file: Path) -> None:
    """Put a backup in the place of a file."""
    for beside in ("", "-wal", "-shm"):
        Path(f"{file}{beside}").unlink(missing_ok=True)
    file.write_bytes(backup.read_bytes())


def on_postgresql(version: int, folder: Path, server: PostgresServer, url: str) -> FormerShop:
    """Return one in a schema, and the dump that the page tells to make."""
    schema = postgres_address(url).schema
    dump = str(server.folder / f"{schema}.dump")        # a folder that its user may write to
    write_golden(folder / "former.db", version)
    put_on_server(server, url, folder / "former.db", version)

    def restore() -> None:
        with server.connect() as connection:
            connection.execute(f'DROP SCHEMA "{schema}" CASCADE'.encode())
        server.call("pg_restore", "--exit-on-error", "--dbname=postgres", dump)

    server.call("pg_dump", f"--schema={schema}", "--format=custom", f"--file={dump}", "postgres")
    return FormerShop(url, restore)


@pytest.fixture(params=[
    (database, version) for database in ("sqlite", "postgresql") for version in FORMER_VERSIONS
], ids=lambda chosen: f"{chosen[0]}-version-{chosen[1]}")
def former(
    request: pytest.FixtureRequest, tmp_path: Path, postgres: PostgresServer | ServerElsewhere
) -> FormerShop:
    """Return a shop of a former version, on either database."""
    database, version = request.param
    if database == "sqlite":
        return on_sqlite(version, tmp_path)
    if isinstance(postgres, ServerElsewhere):
        pytest.skip("the programs of that server are not here")
    return on_postgresql(version, tmp_path, postgres, request.getfixturevalue("postgres_url"))


def test_an_upgrade_and_the_way_back_lose_nothing(former: FormerShop) -> None:
    assert (former.type("upgrade"), former.type("verify")) == (0, 0)
    with open_ledger(former.url) as ledger:
        assert statuses(send(ledger, MEANWHILE)) == ["accepted", "accepted"]
    as_upgraded = events_of(former.url)

    former.restore()
    assert former.rows() == former.before       # what the former version opens again

    # The day after, it is tried once more; what was sent meanwhile is sent again, under its ids.
    assert (former.type("upgrade"), former.type("verify")) == (0, 0)
    with open_ledger(former.url) as ledger:
        assert statuses(send(ledger, MEANWHILE)) == ["accepted", "accepted"]
        assert statuses(send(ledger, MEANWHILE)) == ["duplicate", "duplicate"]
    assert events_of(former.url) == as_upgraded
