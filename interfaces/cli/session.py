"""The session of one call: how the ledger is opened, and how answers are written."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from stocktrail.interfaces.cli.failures import WENT_WRONG, WRONG_FLAGS, Failure
from stocktrail.interfaces.cli.screen import Screen

if TYPE_CHECKING:
    from stocktrail.ledger.store import Ledger
    from stocktrail.ledger.store.merkle.notes import Signer
    from stocktrail.projections import ReadModels


class Session:
    """The global options of a call, and what follows from them."""

    def __init__(
        self, database: str | None, *, as_json: bool, as_csv: bool = False, color: bool = True
    ) -> None:
        self.database = database
        self.as_json = as_json
        self.as_csv = as_csv
        self.screen: Screen = Screen(color=color)

    def setting(self, name: str) -> str | None:
        """Return a setting from ``STOCKTRAIL_*`` in the environment, else from ``.env``."""
        return os.environ.get(f"STOCKTRAIL_{name.upper()}") or self._env_file.get(name)

    @cached_property
    def _env_file(self) -> Mapping[str, str | None]:
        """The settings in ``.env``; the library that reads it is imported only if it exists."""
        if not Path(".env").is_file():
            return {}
        from stocktrail.interfaces.cli.settings import CommandLineSettings

        return CommandLineSettings.read().model_dump()

    @property
    def database_url(self) -> str:
        """The database: ``--database``, else the environment, else ``.env``, else the default."""
        from stocktrail.ledger.store.address import DEFAULT_URL

        return self.database or self.setting("database_url") or DEFAULT_URL

    @property
    def replica_url(self) -> str | None:
        """The replica that answers questions, from the environment or ``.env``.

        ``None`` when there is none, or when ``--database`` names the ledger to ask.
        """
        return None if self.database else self.setting("replica_url")

    @property
    def checkpoint_folder(self) -> Path | None:
        """The folder of the ledger's checkpoints, ``None`` for the default one."""
        chosen = self.setting("checkpoints")
        return Path(chosen) if chosen else None

    def signer(self, key: str | None) -> "Signer":
        """Return the signing key, from the named file or else from that of the settings."""
        from stocktrail.ledger.store.merkle.notes import Signer

        chosen = key or self.setting("signing_key")
        if not chosen:
            raise Failure(
                WRONG_FLAGS, "missing_flag",
                "Name the file of the signing key with --key or STOCKTRAIL_SIGNING_KEY; make one "
                "with `stocktrail new-key`.",
            )
        return Signer.load(Path(chosen))

    # ------------------------------------------------------------------ the ledger

    def open_to_write(self, url: str | None = None) -> "Ledger":
        """Open the ledger, or create it; warns when its server may lose confirmed commits."""
        from stocktrail.ledger.store import open_ledger

        ledger = open_ledger(url or self.database_url, checkpoints=self.checkpoint_folder)
        self._schedule_checkpoints(ledger)
        for warning in ledger.warnings:
            if warning.startswith("synchronous_commit"):
                sys.stderr.write(f"Take care: {warning}\n")
        return ledger

    def open_to_deliver(self) -> "Ledger":
        """Open the ledger to tell others of it; refused on a replica, whose primary does."""
        ledger = self.open_to_write()
        if ledger.is_fed and ledger.writer.refusal is not None:
            ledger.close()
            raise ledger.writer.refusal
        return ledger

    @contextmanager
    def open_to_submit(self, *, dry_run: bool) -> Iterator["Ledger"]:
        """Open the ledger for commands; a dry run creates no database where there is none."""
        from tempfile import TemporaryDirectory

        from stocktrail.ledger.store import open_ledger
        from stocktrail.ledger.store.address import is_missing, sqlite_path
        from stocktrail.ledger.store.postgres_address import is_postgres_url

        path = None if is_postgres_url(self.database_url) else sqlite_path(self.database_url)
        if not dry_run or path is None or not is_missing(path) or not path.parent.is_dir():
            with self.open_to_write() as ledger:
                yield ledger
            return
        with TemporaryDirectory() as folder, open_ledger(f"sqlite:///{folder}/empty.db") as ledger:
            yield ledger

    def open_to_read(self) -> "Ledger":
        """Open the existing ledger."""
        from stocktrail.ledger.store import open_ledger

        return open_ledger(
            self.database_url, create=False, checkpoints=self.checkpoint_folder
        )

    def open_to_begin_epoch(self) -> "Ledger":
        """Open the ledger for writing, even if it does not extend its newest checkpoint."""
        from stocktrail.ledger.store import open_ledger

        return open_ledger(
            self.database_url, create=False, checkpoints=self.checkpoint_folder, begins_epoch=True
        )

    def _schedule_checkpoints(self, ledger: "Ledger") -> None:
        every = self.setting("checkpoint_every")
        if not every or ledger.read_only:
            return
        if not every.isdecimal() or int(every) == 0:
            raise Failure(
                WENT_WRONG, "bad_settings",
                f"STOCKTRAIL_CHECKPOINT_EVERY is {every!r}, not a number of events.",
            )
        from stocktrail.ledger.store.checkpoint_schedule import CheckpointSchedule

        ledger.writer.after_commit = CheckpointSchedule(ledger, self.signer(None), int(every))

    def open_replica(self) -> "Ledger | None":
        """Open the replica read-only, ``None`` when there is none."""
        from stocktrail.ledger.store import open_ledger

        return open_ledger(self.replica_url, read_only=True) if self.replica_url else None

    @contextmanager
    def read_models(self, *, caught_up: bool = True) -> Iterator["ReadModels"]:
        """Open the ledger and yield its read models, caught up with the log.

        When the disk is full they are opened read-only, and missing events are folded in a scratch
        database: a question is answered as long as the log can be read.
        """
        from stocktrail.ledger.store import StorageError, open_ledger
        from stocktrail.projections import ReadModels

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
                    ledger.checkpoint_path = self.checkpoint_folder
                    models = ReadModels(closing.enter_context(ledger))
            yield models

    def _catch_up(self, models: "ReadModels") -> None:
        from stocktrail.interfaces.cli.progress import Progress

        with Progress("Bringing the read models up to date") as progress:
            models.catch_up(progress.reach, progress.wait_for_another)

    # ------------------------------------------------------------------ answers

    def answer(self, report: Any, show: Callable[[Screen, Any], None]) -> None:
        """Write a report: as JSON, or for people by ``show``."""
        if self.as_json:
            self.write_json(report)
        else:
            show(self.screen, report)

    def write_json(self, report: Any) -> None:
        """Write one JSON value over several lines."""
        import orjson

        self.write_line(orjson.dumps(report, option=orjson.OPT_INDENT_2))

    def write_json_by_rows(self, report: Mapping[str, Any], rows: str) -> None:
        """Write a report as :meth:`write_json` does, its ``rows`` one by one as they are read."""
        from stocktrail.interfaces.cli.streamed_json import pieces

        for piece in pieces(report, rows):
            sys.stdout.write(piece)

    def write_json_line(self, value: Any) -> None:
        """Write one JSON value on one line."""
        import orjson

        self.write_line(orjson.dumps(value))

    def write_line(self, line: bytes) -> None:
        """Write JSON that is text already."""
        sys.stdout.write(line.decode() + "\n")


SessionArgument = Annotated[Session, Parameter(parse=False)]
"""The session as a parameter of a subcommand; it is passed by the program, not parsed."""
