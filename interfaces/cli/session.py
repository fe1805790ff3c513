"""A session: the database that one call is about, and the way its answers are shown."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from interfaces.cli.failures import WENT_WRONG, Failure
from interfaces.cli.screen import Screen

if TYPE_CHECKING:
    from ledger.store import Ledger
    from projections import ReadModels

DATABASE_VARIABLE = "STOCKTRAIL_DATABASE_URL"


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
        return chosen or _database_of_env_file() or DEFAULT_URL

    # ------------------------------------------------------------------ the ledger

    def open_to_write(self) -> "Ledger":
        """Open the ledger, or create it."""
        from ledger.store import open_ledger

        return open_ledger(self.database_url)

    def open_to_read(self) -> "Ledger":
        """Open the ledger that is there."""
        from ledger.store import open_ledger

        return open_ledger(self.database_url, create=False)

    @contextmanager
    def read_models(self, *, caught_up: bool = True) -> Iterator["ReadModels"]:
        """Give the read models of the ledger, caught up with it.

        Where there is no room to write them, what is missing is worked out aside, as for a database
        that is read-only: a question is answered as long as the log can be read.
        """
        from ledger.store import StorageError, open_ledger
        from projections import ReadModels

        with ExitStack() as closing:
            models = ReadModels(closing.enter_context(self.open_to_read()))
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


def _database_of_env_file() -> str | None:
    """Read the database from ``.env``; the library that reads it is loaded when there is one."""
    if not Path(".env").is_file():
        return None
    from interfaces.cli.settings import CommandLineSettings

    try:
        return CommandLineSettings().database_url
    except (ValueError, OSError) as error:
        raise Failure(
            WENT_WRONG, "bad_settings", f"The file .env of this folder cannot be read: {error}."
        ) from None
