"""A shop: one open ledger, as an application that embeds it uses it.

Commands go in by :meth:`Shop.submit`, answers come out by :meth:`Shop.ask`, what happened by
:meth:`Shop.events`. One shop serves a whole process: threads may share it, and the commands that
they submit at the same time share commits.
"""

import threading
from collections.abc import Collection, Iterator, Sequence
from time import monotonic
from types import TracebackType
from typing import Self, TypeVar, overload

from pydantic import TypeAdapter

from stocktrail.commands.fields import Key
from stocktrail.commands.model import Command
from stocktrail.commands.scripts.concurrent import GroupedSubmission
from stocktrail.commands.scripts.groups import Mode
from stocktrail.commands.scripts.reading import row_of
from stocktrail.commands.scripts.results import Result
from stocktrail.following import (
    POLL_SECONDS,
    CommitSignal,
    LogReader,
    ended_by_closing,
    selection_of,
)
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.store import Ledger, StorageError, open_ledger
from stocktrail.ledger.store.commit_listener import CommitListener, notifies_commits
from stocktrail.projections import ReadModels
from stocktrail.projections.answers.shapes.shape import Shape
from stocktrail.projections.questions.question import Question

Answer = TypeVar("Answer", bound=Shape)

WAIT_SECONDS = 10.0
"""How long a question waits, unless it says otherwise, for a position the log has not reached."""

_KEY: TypeAdapter[str] = TypeAdapter(Key)


class Shop:
    """One open ledger; a context manager. Use :func:`stocktrail.open`.

    ``ledger`` is the ledger itself, for what has no verb here; closing the shop closes it. Once it
    ``is_closed`` every verb raises :class:`~stocktrail.ledger.store.StorageError`
    (``ledger_closed``).
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._commits = CommitSignal()
        self._models = ReadModels(ledger)
        self._catching_up = threading.Lock()
        # What is folded for an earlier moment is kept for the next such question: one at a time.
        self._past_models = ReadModels(ledger)
        self._one_past_question = threading.Lock()
        self._starting = threading.Lock()
        self._submission: GroupedSubmission | None = None
        self._listener: CommitListener | None = None
        self.is_closed: bool = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def position(self) -> int:
        """The position of the last event of the log, 0 while there is none."""
        self._require_open()
        return self.ledger.head().position

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is to be known of the database, such as why it can only be read."""
        return self.ledger.warnings

    # ------------------------------------------------------------------ commands

    @overload
    def submit(
        self, commands: Command, *, id: str | None = ..., actor: str | None = ...,
        correlation_id: str | None = ..., dry_run: bool = ...,
    ) -> Result: ...

    @overload
    def submit(
        self, commands: Sequence[Command], *, mode: Mode = ..., actor: str | None = ...,
        correlation_id: str | None = ..., dry_run: bool = ...,
    ) -> list[Result]: ...

    def submit(
        self, commands: Command | Sequence[Command], *, id: str | None = None,
        mode: Mode = "continue", actor: str | None = None, correlation_id: str | None = None,
        dry_run: bool = False,
    ) -> Result | list[Result]:
        """Submit one command, or several in order, and return what became of each once durable.

        A command that is refused is a result too: ask ``result.is_recorded``, or call
        ``result.raise_for_status()``. ``id``, ``actor`` and ``correlation_id`` replace those of the
        command; a command without an id gets a new one, and cannot be repeated safely. Of several
        commands, ``mode`` says whether to ``continue`` after one that is refused, to ``stop``, or
        to record all or none (``atomic``); consecutive ones of the same ``group`` are all or
        nothing in any mode. A dry run records nothing. Raises
        :class:`~stocktrail.ledger.store.StorageError` when the database fails: what was not
        answered may be submitted again with the same ids.
        """
        if isinstance(commands, Command):
            command = with_header(commands, id=id, actor=actor, correlation_id=correlation_id)
            return self.submission.submit(command, dry_run=dry_run).loaded()
        if id is not None:
            raise TypeError("an id is one command's: give each of several its own")
        rows = [
            row_of(with_header(command, actor=actor, correlation_id=correlation_id), line)
            for line, command in enumerate(commands, start=1)
        ]
        results = self.submission.submit_rows([rows], mode=mode, dry_run=dry_run)
        return [result.loaded() for result in results]

    @property
    def submission(self) -> GroupedSubmission:
        """What the commands of all callers go through; it is started when it is first needed."""
        with self._starting:
            self._require_open()
            if self._submission is None:
                self._submission = GroupedSubmission(
                    self.ledger, listener=lambda _: self._commits.notify()
                )
            return self._submission

    # ------------------------------------------------------------------ questions

    def ask(
        self, question: Question[Answer], *, at_least: int | None = None,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Answer:
        """Answer a question; everything that was recorded before is in the answer.

        The read models are caught up first, whoever recorded it. Where the ledger is a replica,
        pass the position of a result as ``at_least``: the question then waits for it to arrive.
        Raises :class:`~stocktrail.ledger.refusal.Refusal` when what is asked about is not there
        (such as ``unknown_sku``), and ``unknown_position`` when ``at_least`` does not arrive.
        """
        self._require_open()
        if at_least is not None:
            self._wait_for(at_least, wait_seconds)
        if question.needs_caught_up:
            try:
                self.catch_up()
            except StorageError as error:
                if error.code != "storage_full":
                    raise
                # There is no room for rows of read models: they are folded aside.
                with open_ledger(self.ledger.url, create=False, read_only=True) as ledger:
                    return question.ask(ReadModels(ledger))
        if question.is_past or self.ledger.read_only:
            with self._one_past_question:
                return question.ask(self._past_models)
        return question.ask(self._models)

    def catch_up(self) -> int:
        """Bring the read models up to the end of the log, and return their position.

        Questions do this themselves. After an upgrade it rebuilds those that have changed,
        which may take minutes for a long log: do it before the first request comes.
        """
        self._require_open()
        with self._catching_up:
            return self._models.catch_up()

    def _wait_for(self, position: int, seconds: float) -> None:
        until = monotonic() + seconds
        while True:
            count = self._commits.count
            if self.position >= position:
                return
            left = until - monotonic()
            if left <= 0:
                self._models.require_position(position)
                return
            self._commits.wait(count, min(left, POLL_SECONDS))

    # ------------------------------------------------------------------ events

    def events(
        self, *, after: int = 0, types: Collection[type[Event] | str] = (),
        subject: str | None = None, follow: bool = False,
    ) -> Iterator[RecordedEvent]:
        """Step through the events after a position, in order, to the end of the log.

        With ``follow`` go on as the log grows, until the shop is closed. ``types`` and ``subject``
        (a stream such as ``order/SO-1``, or ``stock/*``) select as subscriptions over HTTP do.
        Keep ``event.position`` in the transaction that holds what you made of the event, and pass
        it as ``after`` next time: nothing is then missed or counted twice. Raises
        :class:`~stocktrail.feeds.event_log.CursorBeyondLog` when the log ends before ``after``, or
        is replaced by a shorter one, and :class:`~stocktrail.ledger.refusal.Refusal`
        (``unknown_type``).
        """
        reader = self.reader(after, types, subject)
        return self._follow(reader) if follow else _to_the_end(reader)

    def reader(
        self, after: int, types: Collection[type[Event] | str], subject: str | None
    ) -> LogReader:
        """Return what reads the selected events after a position, page by page."""
        self._require_open()
        return LogReader(self.ledger, after, selection_of(types, subject))

    def _follow(self, reader: LogReader) -> Iterator[RecordedEvent]:
        commits = self.commits
        with ended_by_closing(lambda: self.is_closed):
            while not self.is_closed:
                count = commits.count
                yield from reader.next_page()
                if reader.is_at_end:
                    commits.wait(count, POLL_SECONDS)

    @property
    def commits(self) -> CommitSignal:
        """Wakes whoever follows the log; PostgreSQL tells of the commits of other processes too."""
        with self._starting:
            if self._listener is None and notifies_commits(self.ledger) and not self.is_closed:
                self._listener = CommitListener(self.ledger, lambda _: self._commits.notify())
        return self._commits

    # ------------------------------------------------------------------ closing

    def close(self) -> None:
        """Record the commands that still wait, end whoever follows, and close the ledger."""
        with self._starting:
            if self.is_closed:
                return
            self.is_closed = True
        if self._submission is not None:
            self._submission.close()
        self._commits.notify()
        if self._listener is not None:
            self._listener.close()
        self.ledger.close()

    def _require_open(self) -> None:
        if self.is_closed:
            raise StorageError("ledger_closed", "The ledger has been closed. Open it again.")


def with_header(command: Command, **header: str | None) -> Command:
    """Return the command with other ids and names in its header, where any are given.

    Raises pydantic's ``ValidationError`` for what cannot be an id.
    """
    given = {
        name: _KEY.validate_python(value) for name, value in header.items() if value is not None
    }
    return command.model_copy(update=given) if given else command


def _to_the_end(reader: LogReader) -> Iterator[RecordedEvent]:
    while not reader.is_at_end:
        yield from reader.next_page()
