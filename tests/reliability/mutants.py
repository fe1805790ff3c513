"""The tests themselves: a fault is put into the program, and they must fail (R27)."""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from simulation.mutants.copied_tree import CopiedTree, copied_tree
from simulation.mutants.mutant import Mutant
from simulation.mutants.seeded import SEEDED, by_name
from tests.reliability.trial import FILE, FreshDatabase, ReliabilityTrial

TESTS_OF = {
    "ledger/store/sqlite/": (
        "tests/store/test_positions.py", "tests/store/test_seal.py", "tests/store/test_settling.py",
        "tests/store/test_failing_syncs.py", "tests/projections/test_not_synced.py",
        "tests/store/test_many_writers.py", "tests/store/test_kills.py",
    ),
    "ledger/store/postgres/": (
        "tests/store/test_positions.py", "tests/store/test_settling.py",
        "tests/store/test_faults_on_a_server.py", "tests/store/test_many_writers.py",
        "tests/store/test_black_hole.py::test_a_command_whose_reply_never_comes_is_not_done_twice",
    ),
    "ledger/store/engine/": (
        "tests/commands/test_groups.py", "tests/commands/test_dry_run_and_again.py",
        "tests/store/test_groups.py", "tests/store/test_aggregate_cache.py",
        "tests/store/test_presumed_new.py", "tests/store/test_positions.py",
        "tests/commands/test_batches.py", "tests/store/test_settling.py",
        "tests/commands/test_statuses.py", "tests/commands/test_judged_anew.py",
        "tests/store/test_many_writers.py", "tests/store/test_faults_on_a_server.py",
        "tests/commands/test_state_machine.py",
    ),
    "ledger/stock/": (
        "tests/ledger/test_rule_4_queue.py", "tests/ledger/test_rule_4_cancel_and_release.py",
        "tests/ledger/test_snapshots.py", "tests/ledger/test_rule_4_orders_in_queues.py",
        "tests/commands/test_groups.py", "tests/commands/test_state_machine.py",
    ),
    "projections/": (
        "tests/projections/test_promises.py", "tests/projections/test_rebuild_and_verify.py",
        "tests/projections/test_several_processes.py", "tests/projections/test_killed.py",
        "tests/projections/test_read_models_agree.py",
    ),
    "feeds/": (
        "tests/feeds/test_event_log.py", "tests/feeds/test_tail.py", "tests/feeds/test_webhooks.py",
        "tests/feeds/test_webhooks_killed.py", "tests/interfaces/test_streams.py",
    ),
}
"""The tests that are about a part of the program, the quick ones first."""


def tests_of(mutant: Mutant) -> Sequence[str]:
    """Return the tests that are about the file that a mutant changes."""
    return next(tests for part, tests in TESTS_OF.items() if mutant.file.startswith(part))


def fails_with(tree: CopiedTree, mutant: Mutant) -> bool:
    """Return whether tests of a copy fail once it is changed, and pass when it is changed back."""
    with tree.changed(mutant.file, mutant.applied(tree.read(mutant.file))):
        if _pass(tree, *tests_of(mutant)):
            return False
    return _pass(tree, "--last-failed", *tests_of(mutant))


def _pass(tree: CopiedTree, *asked: str) -> bool:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "--tb=line", *asked],
        cwd=tree.root, env=tree.environment, check=False,
    )
    assert done.returncode in (0, 1), "the tests did not run"
    return done.returncode == 0


def break_the_program(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Break the program in one way, and run the tests that concern what is broken."""
    mutant = SEEDED[(seed - 1) % len(SEEDED)]
    with copied_tree() as tree:
        assert fails_with(tree, mutant), f"{mutant.name} survives: {mutant.breaks}"
    return 1


def break_a_rule(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Break one rule of the trade, which the quickest tests see."""
    mutant = by_name("line-skipped-in-the-queue")
    with copied_tree() as tree:
        assert fails_with(tree, mutant), f"{mutant.name} survives: {mutant.breaks}"
    return 1


TRIALS = [
    ReliabilityTrial(
        "R27", "a fault is put into the program, one of those that the simulation finds",
        "the tests that concern the changed file fail",
        "mutants", len(SEEDED), break_the_program, FILE, briefly=break_a_rule,
    ),
]
