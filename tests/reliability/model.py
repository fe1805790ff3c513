"""Random commands on a ledger and on the plain shop, which must agree about everything (R21)."""

from pathlib import Path
from unittest.mock import patch

from hypothesis import seed as with_seed
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from stocktrail.ledger.store.engine import commit_group
from tests.commands.test_state_machine import RandomCommands
from tests.reliability.trial import FILE, FreshDatabase, ReliabilityTrial

EXAMPLES_IN_A_ROUND = 10
STEPS = 30


def agree(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Let the state machine draw so many examples, others with every seed."""
    chosen = settings(
        max_examples=EXAMPLES_IN_A_ROUND, stateful_step_count=STEPS, database=None, deadline=None,
        derandomize=False, print_blob=True,
    )
    with patch.object(commit_group, "SNAPSHOT_AFTER", 3):
        run_state_machine_as_test(with_seed(seed)(RandomCommands), settings=chosen)
    return EXAMPLES_IN_A_ROUND


TRIALS = [
    ReliabilityTrial(
        "R21", "Random commands beside a model of the shop, two processes, restarts, dry runs",
        "every answer, number and report is the model's", "examples", 20_000, agree, FILE,
        played_by=("tests/commands/test_state_machine.py",),
    ),
]
