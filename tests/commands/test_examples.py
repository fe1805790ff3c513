"""Every command carries an example of itself, which the description of the API shows."""

import pytest

from stocktrail.commands import COMMANDS
from stocktrail.interfaces.api import examples
from tests.ledger.write_golden_events import recorded_events


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_an_example_is_a_command(name: str) -> None:
    model = COMMANDS[name]
    assert model.model_validate(dict(model.example)).model_fields_set == set(model.example)


def test_the_examples_are_accepted_one_after_the_other() -> None:
    assert set(examples.STORY) | set(examples.LATER) == set(COMMANDS)
    assert {type(event).__name__ for event in recorded_events()} >= {"OrderPlaced", "StockShipped"}
