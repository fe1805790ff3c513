"""All trials, in the order of their numbers."""

from tests.reliability import kills
from tests.reliability.trial import ReliabilityTrial

TRIALS: list[ReliabilityTrial] = sorted(
    [
        *kills.TRIALS,
    ],
    key=lambda trial: int(trial.number[1:]),
)
