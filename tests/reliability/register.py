"""All trials, in the order of their numbers."""

from tests.reliability import (
    clocks,
    difficult_subscribers,
    jetstream_tail,
    kills,
    lost_wake_ups,
    repeated_events,
)
from tests.reliability.trial import ReliabilityTrial

TRIALS: list[ReliabilityTrial] = sorted(
    [
        *clocks.TRIALS,
        *difficult_subscribers.TRIALS,
        *jetstream_tail.TRIALS,
        *kills.TRIALS,
        *lost_wake_ups.TRIALS,
        *repeated_events.TRIALS,
    ],
    key=lambda trial: int(trial.number[1:]),
)
