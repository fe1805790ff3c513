"""Writers behind a network that a seed makes unreliable: what a seed does, it does again."""

from simulation.postgres.episode import PostgresReport, episode
from simulation.postgres.fault_plan import LinkFault, SeededPlan
from tests.postgres_server import PostgresServer, ServerElsewhere, drop_schema, new_schema

ORDERLY, RACING = 4, 21
"""Seeds that strike often: one thing at a time, and three writers at once."""


def played(seed: int, server: PostgresServer | ServerElsewhere, steps: int) -> PostgresReport:
    schema = new_schema("episode")
    report = episode(seed, server.url(schema), steps=steps)
    drop_schema(server, schema)
    return report


def test_one_thing_at_a_time_repeats_exactly(postgres: PostgresServer | ServerElsewhere) -> None:
    first = played(ORDERLY, postgres, steps=15)
    again = played(ORDERLY, postgres, steps=15)
    assert (first.digest, first.faults) == (again.digest, again.faults)
    assert first.commands > first.recorded > 30
    assert first.faults.total() > 3


def test_writers_that_race_keep_every_promise(postgres: PostgresServer | ServerElsewhere) -> None:
    report = played(RACING, postgres, steps=15)
    assert report.writers == 3
    assert report.recorded > 30
    assert report.faults.total() > 3


def test_a_plan_knows_every_fault() -> None:
    plan = SeededPlan("all", 0.5)
    struck = {plan.strike(1, number, b"").fault for number in range(3_000)}
    assert struck == set(LinkFault)
