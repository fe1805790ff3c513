"""Commands about sources and pools: where stock lies, and which sources sell together."""

from collections.abc import Sequence
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import Key, Text
from stocktrail.commands.model import Command
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.stock.movements import allocations_to_waiting, revocations
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["DefinePool", "DisableSource", "EnableSource", "RegisterSource"]


class _PlaceCommand(Command):
    def stream(self) -> str:
        return Settings.stream_of(SETTINGS_KEY)


def _record_and_reallocate(work: UnitOfWork, events: Sequence[Event]) -> None:
    """Record a change of what may be sold where, and let the allocations of all items follow.

    What is taken back stands before the change and what is given stands after it.
    """
    if not events:
        return
    settings = work.settings()
    after = settings.after(events)
    taken = [
        (stock, revocations(stock, after, stock.sellable(after)))
        for stock in work.stocks() if stock.lines
    ]
    for stock, revoked in taken:
        work.record(stock, revoked)
    work.record(settings, events)
    for stock, _ in taken:
        work.record(stock, allocations_to_waiting(stock, settings, stock.sellable(settings)))


class RegisterSource(_PlaceCommand):
    """Make a place that holds stock known."""

    command: ClassVar[str] = "register-source"

    source: Key = Field(description="The source.")
    name: Text | None = Field(default=None, description="What people call it.")

    def decide(self, work: UnitOfWork) -> None:
        """Register the source, or rename it."""
        settings = work.settings()
        work.record(settings, settings.register_source(self.source, self.name))


class EnableSource(_PlaceCommand):
    """Let the stock of a source be sold."""

    command: ClassVar[str] = "enable-source"

    source: Key = Field(description="The source.")

    def decide(self, work: UnitOfWork) -> None:
        """Enable the source and serve the queues with what it has."""
        _record_and_reallocate(work, work.settings().enable_source(self.source))


class DisableSource(_PlaceCommand):
    """Keep the stock of a source from being sold."""

    command: ClassVar[str] = "disable-source"

    source: Key = Field(description="The source.")

    def decide(self, work: UnitOfWork) -> None:
        """Disable the source and revoke what its units were allocated to."""
        _record_and_reallocate(work, work.settings().disable_source(self.source))


def _each_once(sources: list[str]) -> list[str]:
    if len(set(sources)) < len(sources):
        raise PydanticCustomError("repeated", "must name each source once")
    return sources


class DefinePool(_PlaceCommand):
    """Define the sources of a pool, the first of highest priority."""

    command: ClassVar[str] = "define-pool"

    pool: Key = Field(description="The pool.")
    sources: Annotated[
        list[Key], Field(min_length=1, max_length=1000), AfterValidator(_each_once)
    ] = Field(description="Its sources in order of priority.")
    name: Text | None = Field(default=None, description="What people call it.")

    def decide(self, work: UnitOfWork) -> None:
        """Define the pool; defined again, allocations follow its new sources."""
        settings = work.settings()
        known = self.pool in settings.pools
        events = settings.define_pool(self.pool, self.sources, self.name)
        if known:
            _record_and_reallocate(work, events)
        else:
            work.record(settings, events)
