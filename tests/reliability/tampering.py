"""Bits that turn over by themselves (R6), and intruders with every right on the database (R7)."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from tests.projections.test_attacks import (
    INTEGRITY,
    Scene,
    test_a_changed_payload_whose_leaf_was_changed_too_is_found,
    test_a_checkpoint_of_another_key_is_not_believed,
    test_a_log_that_was_sealed_anew_without_the_key_does_not_extend_its_checkpoints,
    test_a_read_model_that_was_changed_is_found,
    test_a_snapshot_that_was_changed_is_found,
    test_a_tail_that_was_cut_off_and_sealed_anew_is_missed,
    test_an_old_backup_does_not_extend_the_newest_checkpoint,
    test_an_outcome_that_was_changed_and_sealed_anew_is_missed,
    test_what_was_changed_is_found_with_its_position,
)
from tests.reliability.trial import FreshDatabase, ReliabilityTrial
from tests.store.test_bit_flips import flip_bits

FLIPS_IN_A_ROUND = 200
TIMES_EACH = 5

Attack = Callable[[Scene], None]

ATTACKS: list[Attack] = [
    *(
        partial(
            test_what_was_changed_is_found_with_its_position, attack=attack, position=position
        )
        for _, attack, position in INTEGRITY
    ),
    test_a_changed_payload_whose_leaf_was_changed_too_is_found,
    test_a_log_that_was_sealed_anew_without_the_key_does_not_extend_its_checkpoints,
    test_a_tail_that_was_cut_off_and_sealed_anew_is_missed,
    test_an_outcome_that_was_changed_and_sealed_anew_is_missed,
    test_a_checkpoint_of_another_key_is_not_believed,
    test_a_read_model_that_was_changed_is_found,
    test_a_snapshot_that_was_changed_is_found,
]
"""What an intruder does to a ledger with two signed checkpoints, and how that is found."""


def flip(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Turn bits over, one after the other."""
    flip_bits(database.url, seed, FLIPS_IN_A_ROUND)
    return FLIPS_IN_A_ROUND


def attack(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Carry out one attack; in a file, one of them is an old back-up that is put back."""
    which = seed % (len(ATTACKS) + (database.name == "sqlite"))
    if which == len(ATTACKS):
        test_an_old_backup_does_not_extend_the_newest_checkpoint(database.url, folder)
    else:
        ATTACKS[which](Scene(database.url, folder))
    return 1


TRIALS = [
    ReliabilityTrial(
        "R6", "A bit turns over in what the seal covers",
        "`verify` finds it and names its position", "flips", 10_000, flip,
        played_by=("tests/store/test_bit_flips.py",),
    ),
    ReliabilityTrial(
        "R7", f"An intruder edits the database in {len(ATTACKS) + 1} ways",
        "`verify` finds it; what was sealed again is found by a checkpoint",
        "attacks", TIMES_EACH * (len(ATTACKS) + 1), attack,
        played_by=("tests/projections/test_attacks.py",),
    ),
]
