"""Writes the golden files of events that have none yet: as the examples of commands record them.

``make docs`` runs it. A file that is there is never touched: what was stored once stays readable.
"""

import sys
from collections.abc import Iterator

from stocktrail.commands import COMMANDS
from stocktrail.commands.model import Body
from stocktrail.commands.scripts.submission import submit_one
from stocktrail.interfaces.api import examples
from stocktrail.ledger.base.event import Event
from stocktrail.ledger.catalogue import CATALOGUE
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.in_memory import open_in_memory
from tests.ledger.test_golden_events import FOLDER


def recorded_events() -> Iterator[Event]:
    """Send the example of every command to an empty ledger, and yield the events of all."""
    with open_in_memory(clock=lambda: examples.NOW) as ledger:
        for name, body in examples.COMMANDS.items():
            for row in (examples.BEFORE.get(name), {"command": name, **body}):
                if row is not None:
                    yield from _sent(ledger, row)


def _sent(ledger: Ledger, row: Body) -> list[Event]:
    fields = {name: value for name, value in row.items() if name != "command"}
    result = submit_one(ledger, COMMANDS[row["command"]].model_validate(fields))
    assert result.status == "accepted", result.as_json()
    return [each.payload for each in result.recorded]


def missing_topics() -> list[str]:
    """Return the current events that have no golden file."""
    return [topic for topic in CATALOGUE.classes() if not (FOLDER / f"{topic}.json").exists()]


def main() -> int:
    """Write what is missing, and return 1 if something cannot be written."""
    missing = missing_topics()
    if not missing:
        return 0
    for event in recorded_events():
        if event.topic in missing:
            (FOLDER / f"{event.topic}.json").write_bytes(event.to_json() + b"\n")
            missing.remove(event.topic)
    for topic in missing:
        print(f"No example of a command records {topic}: write its golden file.", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
