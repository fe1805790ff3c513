"""Whatever is tried at random is tried with every command; a new one is not forgotten anywhere."""

from stocktrail.commands import COMMANDS
from tests.commands import random_commands, test_any_input
from tests.ledger.histories import MOVES_NO_UNITS, STEPS_OF
from tests.reference.counter import Counter


def test_the_state_machine_draws_every_command() -> None:
    missing = COMMANDS.keys() - random_commands.DRAWN
    assert sorted(missing) == [], "add them to tests/commands/random_commands.py"


def test_the_plain_shop_knows_every_command() -> None:
    missing = [name for name in COMMANDS if not hasattr(Counter, name.replace("-", "_"))]
    assert missing == [], "tell the plain shop in tests/reference what they do"


def test_random_histories_of_an_item_have_every_command_about_it() -> None:
    missing = COMMANDS.keys() - STEPS_OF.keys() - MOVES_NO_UNITS
    assert sorted(missing) == [], "add them to tests/ledger/histories.py"


def test_the_readers_are_sent_every_command() -> None:
    assert set(test_any_input.NAMES) == set(COMMANDS)
