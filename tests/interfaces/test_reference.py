"""The reference in the documents is what the models say."""

import pytest

from stocktrail.commands import COMMANDS
from stocktrail.interfaces.cli import reference
from stocktrail.ledger.catalogue import CATALOGUE
from tests.house.generated import require_current


@pytest.mark.parametrize("page", ["commands.md", "questions.md", "events.md", "codes.md"])
def test_the_reference_is_up_to_date(page: str) -> None:
    require_current(reference.FOLDER / page, reference.pages()[page])


def test_every_command_and_event_is_in_it() -> None:
    for name in COMMANDS:
        assert f"## {name}\n" in reference.commands_page()
    for topic in CATALOGUE.classes():
        assert f"## {topic}\n" in reference.events_page()
