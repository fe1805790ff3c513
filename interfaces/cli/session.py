"""A session: the database that one call is about, and the way its answers are shown."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from interfaces.cli.failures import WENT_WRONG, Failure
from interfaces.cli.screen import Screen

if TYPE_CHECKING:
    from ledger.store import Ledger
    from projections import ReadModels

DATABASE_VARIABLE = "STOCKTRAIL_DATABASE_URL"
REPLICA_VARIABLE = "STOCKTRAIL_REPLICA_URL"


class Session:
    """What the flags that stand everywhere ask for."""

    def __init__(self, database: str | None, *, as_json: bool, color: bool = True) -> None:
        self.database = database
        self.as_json = as_json
        self.screen = Screen(color=color)

    @property
    def database_url(self) -> str:
        """The database: ``--database``, else the environment, else ``.env``, else the default."""
        from ledger.store.address import DEFAULT_URL

        chosen = self.database or os.environ.get(DATABASE_VARIABLE)
        return chosen or _of_env_file("database_url") or DEFAULT_URL

    @property
    def replica_url(self) -> str | None:
        """The replica that answers questions, from the environment or ``.env``, if there is one.

        A ``--database`` of the call's own is asked itself.
        """
        if self.database:
            return None
        return os.environ.get(REPLICA_VARIABLE) or _of_env_file("replica_url")

    # ------------------------------------------------------------------ the ledger

    def open_to_write(self) -> "Ledger":
        """Open the ledger, or create it; say so when its server may lose what it confirms."""
        from ledger.store import open_ledger

        ledger = open_ledger(self.database_url)
        for warning in ledger.warnings:
            if warning.startswith("synchronous_commit"):
                sys.stderr.write(f"Take care: {warning}\n")
        return ledger

    def open_to_read(self) -> "Ledger":
        """Open the ledger that is there."""
        from ledger.store import open_ledger

        return open_ledger(self.database_url, create=False)

    def open_replica(self) -> "Ledger | None":
        """Open the replica, if one is named; it is never written to."""
        from ledger.store import open_ledger

        return open_ledger(self.replica_url, read_only=True) if self.replica_url else None

    @contextmanager
    def read_models(self, *, caught_up: bool = True) -> Iterator["ReadModels"]:
        """Give the read models of the ledger, caught up with it.

        Where there is no room to write them, what is missing is worked out aside, as for a database
        that is read-only: a question is answered as long as the log can be read.
        """
        from ledger.store import StorageError, open_ledger
        from projections import ReadModels

        with ExitStack() as closing:
            ledger = (self.open_replica() if caught_up else None) or self.open_to_read()
            models = ReadModels(closing.enter_context(ledger))
            if caught_up:
                try:
                    self._catch_up(models)
                except StorageError as error:
                    if error.code != "storage_full":
                        raise
                    closing.close()
                    ledger = open_ledger(self.database_url, create=False, read_only=True)
                    models = ReadModels(closing.enter_context(ledger))
            yield models

    def _catch_up(self, models: "ReadModels") -> None:
        from interfaces.cli.progress import Progress

        with Progress("Bringing the read models up to date") as progress:
            models.catch_up(progress.reach)

    # ------------------------------------------------------------------ answers

    def answer(self, report: Any, show: Callable[[Screen, Any], None]) -> None:
        """Show a report: as JSON for programs, by ``show`` for people."""
        if self.as_json:
            self.write_json(report)
        else:
            show(self.screen, report)

    def write_json(self, report: Any) -> None:
        """Write one JSON value over several lines."""
        import orjson

        self._write(orjson.dumps(report, option=orjson.OPT_INDENT_2))

    def write_json_line(self, value: Any) -> None:
        """Write one JSON value on one line."""
        import orjson

        self._write(orjson.dumps(value))

    def _write(self, line: bytes) -> None:
        sys.stdout.write(line.decode() + "\n")


Asked = Annotated[Session, Parameter(parse=False)]
"""The session as a parameter of a subcommand: handed over, never a flag."""


def _of_env_file(name: Literal["database_url", "replica_url"]) -> str | None:
    """Read a setting from ``.env``; the library that reads it is loaded when there is one."""
    if not Path(".env").is_file():
        return None
    from interfaces.cli.settings import CommandLineSettings

    try:
        settings = CommandLineSettings()
        return settings.database_url if name == "database_url" else settings.replica_url
    except (ValueError, OSError) as error:
        raise Failure(
            WENT_WRONG, "bad_settings", f"The file .env of this folder cannot be read: {error}."
        ) from None
