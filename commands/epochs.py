"""The command that begins a new epoch: only its operator gives it, never a script."""

from typing import ClassVar

from pydantic import Field

from stocktrail.commands.fields import Text
from stocktrail.commands.model import Command
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.settings import SETTINGS_KEY, Settings
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork


class NewEpoch(Command):
    """Go on with a log that does not extend its newest checkpoint, and say why."""

    command: ClassVar[str] = "new-epoch"
    is_listed: ClassVar[bool] = False

    reason: Text = Field(description="Why the log is not what was signed.")
    finding: str | None = Field(
        default=None, description="How it differs from the newest checkpoint."
    )
    checkpoint: str | None = Field(
        default=None, description="The newest checkpoint, put aside now."
    )

    def stream(self) -> str:
        """The settings: an epoch is one of the whole ledger."""
        return Settings.stream_of(SETTINGS_KEY)

    def decide(self, work: UnitOfWork) -> Decision:
        """Record where the epoch begins."""
        settings = work.settings()
        events = settings.begin_epoch(self.reason, self.finding, self.checkpoint)
        return Decision.about(settings, events)
