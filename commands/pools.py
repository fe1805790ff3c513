"""Commands about sources and pools: where stock lies, and which sources sell together."""

from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from stocktrail.commands.fields import Key, Text
from stocktrail.commands.model import Body, Command
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.stock import sources_and_pools
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

__all__ = ["DefinePool", "DisableSource", "EnableSource", "RegisterSource"]


class _PlaceCommand(Command):
    def stream(self) -> str:
        return Settings.stream_of(SETTINGS_KEY)


class RegisterSource(_PlaceCommand):
    """Make a place that holds stock known."""

    command: ClassVar[str] = "register-source"
    example: ClassVar[Body] = {"source": "harbour", "name": "Warehouse at the harbour"}

    source: Key = Field(description="The source.")
    name: Text | None = Field(default=None, description="What people call it.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Register the source, or rename it."""
        settings = work.settings()
        return Decision.about(settings, settings.register_source(self.source, self.name))


class EnableSource(_PlaceCommand):
    """Let the stock of a source be sold."""

    command: ClassVar[str] = "enable-source"
    example: ClassVar[Body] = {"source": "harbour"}

    source: Key = Field(description="The source.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Enable the source and serve the queues with what it has."""
        return sources_and_pools.enable_source(work.settings(), work.stocks_at, self.source)


class DisableSource(_PlaceCommand):
    """Keep the stock of a source from being sold."""

    command: ClassVar[str] = "disable-source"
    example: ClassVar[Body] = {"source": "harbour"}

    source: Key = Field(description="The source.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Disable the source and revoke what its units were allocated to."""
        return sources_and_pools.disable_source(work.settings(), work.stocks_at, self.source)


def _each_once(sources: list[str]) -> list[str]:
    if len(set(sources)) < len(sources):
        raise PydanticCustomError("repeated", "must name each source once")
    return sources


class DefinePool(_PlaceCommand):
    """Define the sources of a pool, the first of highest priority."""

    command: ClassVar[str] = "define-pool"
    example: ClassVar[Body] = {
        "pool": "web", "sources": ["default", "harbour"], "name": "Web shop",
    }

    pool: Key = Field(description="The pool.")
    sources: Annotated[
        list[Key], Field(min_length=1, max_length=1000), AfterValidator(_each_once)
    ] = Field(description="Its sources in order of priority.")
    name: Text | None = Field(default=None, description="What people call it.")

    def decide(self, work: UnitOfWork) -> Decision:
        """Define the pool; defined again, allocations follow its new sources."""
        return sources_and_pools.define_pool(
            work.settings(), work.stocks_at, self.pool, self.sources, self.name
        )
