"""All trials, in the order of their numbers."""

from tests.reliability import (
    backups,
    clocks,
    concurrency,
    cut_servers,
    cuts,
    described_answers,
    difficult_subscribers,
    former_releases,
    freezes,
    gaps,
    jetstream_tail,
    kills,
    lost_wake_ups,
    model,
    mutants,
    rebuilds,
    repeated_events,
    simulated_days,
    tampering,
)
from tests.reliability.trial import ReliabilityTrial

TRIALS: list[ReliabilityTrial] = sorted(
    [
        *backups.TRIALS,
        *clocks.TRIALS,
        *concurrency.TRIALS,
        *cut_servers.TRIALS,
        *cuts.TRIALS,
        *described_answers.TRIALS,
        *difficult_subscribers.TRIALS,
        *former_releases.TRIALS,
        *freezes.TRIALS,
        *gaps.TRIALS,
        *jetstream_tail.TRIALS,
        *kills.TRIALS,
        *lost_wake_ups.TRIALS,
        *model.TRIALS,
        *mutants.TRIALS,
        *rebuilds.TRIALS,
        *repeated_events.TRIALS,
        *simulated_days.TRIALS,
        *tampering.TRIALS,
    ],
    key=lambda trial: int(trial.number[1:]),
)
