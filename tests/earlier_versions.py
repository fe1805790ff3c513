"""What earlier versions recorded, and this one would not: their ledgers must go on all the same."""

from typing import Any

import orjson

from stocktrail.commands.model import COMMANDS, CommandEnvelope
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork


class OfAnEarlierVersion(CommandEnvelope):
    """A command as earlier versions took it: whenever it said that it occurred."""

    def decide(self, work: UnitOfWork) -> Decision:
        """Let the command decide, whatever the clock says."""
        return self.command.decide(work)


def send_as_earlier(ledger: Ledger, command: str, **fields: Any) -> None:
    """Record a command as an earlier version did."""
    model = COMMANDS[command].model_validate_json(orjson.dumps(fields))
    [[decided]] = ledger.writer.write([[OfAnEarlierVersion(model, f"earlier-{command}")]])
    assert decided.status == "accepted"
