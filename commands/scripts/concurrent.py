"""Callers: single commands from threads and from asyncio, grouped into common commits.

One :class:`GroupedSubmission` serves a whole process: a web service, a worker with many threads.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import Self

from stocktrail.commands.model import Command, CommandEnvelope
from stocktrail.commands.scripts.answers import result_of
from stocktrail.commands.scripts.personal_data import touches_keys
from stocktrail.commands.scripts.reading import Row, row_of
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import Mode, submit, submit_one
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.group_commit import QUEUE_SIZE, Committed, GroupCommit


class GroupedSubmission:
    """Takes commands from any number of callers at once; a context manager.

    The commit of one group is the time in which the next one gathers. Callers are held back while
    too many wait. Raises :class:`~stocktrail.ledger.store.StorageError` to each caller whose
    command was not recorded because the database failed: sending it again with the same id is safe.
    """

    def __init__(
        self, ledger: Ledger, *, queue_size: int = QUEUE_SIZE,
        listener: Callable[[Committed], None] | None = None,
    ) -> None:
        self._ledger = ledger
        self._group = GroupCommit(ledger.writer, queue_size=queue_size, listener=listener)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def waiting(self) -> int:
        """How many commands wait for the next commit."""
        return self._group.waiting

    def submit(self, command: Command, *, id: str | None = None, dry_run: bool = False) -> Result:
        """Submit one command and wait until it is durable; without an id it gets a new one."""
        if dry_run:
            return submit_one(self._ledger, command, dry_run=True)
        row = row_of(command, command_id=id)
        if touches_keys(command):
            return self._with_keys(row, None)
        ((decided,),) = self._group.write([[CommandEnvelope(command, row.id)]])
        return result_of(row, decided)

    async def submit_async(
        self, command: Command, *, id: str | None = None, credential: str | None = None
    ) -> Result:
        """Submit one command from an event loop, which goes on meanwhile.

        ``credential`` is the id of the token that sent it. Cancelling takes the command back only
        while its group has not begun.
        """
        row = row_of(command, command_id=id)
        if touches_keys(command):
            return await asyncio.to_thread(self._with_keys, row, credential)
        request = CommandEnvelope(command, row.id, credential=credential)
        ((decided,),) = await self._group.write_async([[request]])
        return result_of(row, decided)

    def submit_rows(
        self, rows: Iterable[Sequence[Row]], *, mode: Mode = "continue", dry_run: bool = False,
        credential: str | None = None,
    ) -> Iterator[Result]:
        """Submit a script between those of other callers.

        As :func:`stocktrail.commands.scripts.submission.submit` does.
        """
        return submit(self._ledger, rows, mode=mode, dry_run=dry_run, writer=self._group,
                      credential=credential)

    def _with_keys(self, row: Row, credential: str | None) -> Result:
        """Submit a command about a customer, sealed before anything of it is kept."""
        (result,) = self.submit_rows([[row]], credential=credential)
        return result

    def close(self) -> None:
        """Take no more commands, and write those that still wait."""
        self._group.close()
