"""Where rounds take place: a fresh database for each, and one server and writers for them all."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.postgres_server import PostgresServer, drop_schema, new_schema
from tests.reliability.mortal_worker import mortal_workers
from tests.reliability.named_points import DatabaseName
from tests.reliability.trial import FreshDatabase


class FreshDatabases:
    """Makes databases. A context manager: server and writers start when needed, and end with it."""

    def __init__(self) -> None:
        self._open = ExitStack()
        self._workers = self._open.enter_context(mortal_workers())
        self._server: PostgresServer | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    @contextmanager
    def fresh(self, name: DatabaseName, folder: Path) -> Iterator[FreshDatabase]:
        """Give a database that does not exist yet; a file lies beside the folder of the round."""
        if name == "sqlite":
            beside = folder.parent / f"{folder.name}-ledger"
            beside.mkdir()
            yield FreshDatabase(name, f"sqlite:///{beside / 'ledger.db'}", self._workers)
            return
        if self._server is None or self._server.ended():
            self._server = self._open.enter_context(PostgresServer())
        schema = new_schema()
        yield FreshDatabase(name, self._server.url(schema), self._workers, self._server)
        drop_schema(self._server, schema)
