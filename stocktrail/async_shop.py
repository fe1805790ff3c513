"""A shop for asyncio: the same verbs as :class:`~stocktrail.shop.Shop`, awaited."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import nullcontext
from types import TracebackType
from typing import Self, overload

from stocktrail.commands.model import Command
from stocktrail.commands.scripts.groups import Mode
from stocktrail.commands.scripts.results import Result
from stocktrail.following import POLL_SECONDS, ended_by_closing
from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.base.event import Event
from stocktrail.projections.questions.question import Question
from stocktrail.shop import WAIT_SECONDS, Answer, Shop, with_header


class AsyncShop:
    """One open ledger for an event loop; an asynchronous context manager.

    Use :func:`stocktrail.open_async`, or wrap a ``shop`` that threads use as well. Single commands
    wait in the loop and share commits; everything else is done in threads of the loop's executor.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.close()

    async def position(self) -> int:
        """Return the position of the last event of the log, 0 while there is none."""
        return await asyncio.to_thread(lambda: self.shop.position)

    @overload
    async def submit(
        self, commands: Command, *, id: str | None = ..., actor: str | None = ...,
        correlation_id: str | None = ..., dry_run: bool = ...,
    ) -> Result: ...

    @overload
    async def submit(
        self, commands: Sequence[Command], *, mode: Mode = ..., actor: str | None = ...,
        correlation_id: str | None = ..., dry_run: bool = ...,
    ) -> list[Result]: ...

    async def submit(
        self, commands: Command | Sequence[Command], *, id: str | None = None,
        mode: Mode = "continue", actor: str | None = None, correlation_id: str | None = None,
        dry_run: bool = False,
    ) -> Result | list[Result]:
        """Submit one command or several, as :meth:`Shop.submit` does.

        Cancelling the task takes a single command back only while its commit has not begun; the
        same id submitted again then answers what became of it.
        """
        if not isinstance(commands, Command):
            if id is not None:
                raise TypeError("an id is one command's: give each of several its own")
            return await asyncio.to_thread(
                self.shop.submit, commands, mode=mode, actor=actor, correlation_id=correlation_id,
                dry_run=dry_run,
            )
        command = with_header(commands, id=id, actor=actor, correlation_id=correlation_id)
        if dry_run:
            return await asyncio.to_thread(self.shop.submit, command, dry_run=True)
        result = await self.shop.submission.submit_async(command)
        if result.status == "duplicate":       # what it recorded then is read from the log
            return await asyncio.to_thread(result.loaded)
        return result

    async def ask(
        self, question: Question[Answer], *, at_least: int | None = None,
        wait_seconds: float = WAIT_SECONDS,
    ) -> Answer:
        """Answer a question, as :meth:`Shop.ask` does."""
        return await asyncio.to_thread(
            self.shop.ask, question, at_least=at_least, wait_seconds=wait_seconds
        )

    async def catch_up(self) -> int:
        """Bring the read models up to the end of the log, and return their position."""
        return await asyncio.to_thread(self.shop.catch_up)

    async def events(
        self, *, after: int = 0, types: Collection[type[Event] | str] = (),
        subject: str | None = None, follow: bool = False,
    ) -> AsyncGenerator[RecordedEvent, None]:
        """Step through the events after a position, as :meth:`Shop.events` does."""
        with ended_by_closing(lambda: self.shop.is_closed) if follow else nullcontext():
            reader = await asyncio.to_thread(self.shop.reader, after, types, subject)
            while not self.shop.is_closed:
                count = self.shop.commits.count
                for event in await asyncio.to_thread(reader.next_page):
                    yield event
                if reader.is_at_end:
                    if not follow:
                        return
                    await self.shop.commits.wait_async(count, POLL_SECONDS)

    async def close(self) -> None:
        """Record the commands that still wait, end whoever follows, and close the ledger."""
        await asyncio.to_thread(self.shop.close)
