"""What a trial is: one kind of fault or load, repeated with other seeds until it was enough."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.postgres_server import PostgresServer, ServerElsewhere
from tests.reliability.mortal_worker import MortalWorkers
from tests.reliability.named_points import DatabaseName

BOTH: tuple[DatabaseName, ...] = ("sqlite", "postgresql")
FILE: tuple[DatabaseName, ...] = ("sqlite",)
SERVER: tuple[DatabaseName, ...] = ("postgresql",)


@dataclass(frozen=True)
class FreshDatabase:
    """A database of one round's own, in which there is nothing yet.

    ``server`` is the PostgreSQL server behind it, which other rounds use too: a round that stops or
    freezes a server starts one of its own. ``workers`` starts writers in processes of their own.
    """

    name: DatabaseName
    url: str
    workers: MortalWorkers
    server: PostgresServer | ServerElsewhere | None = None


@dataclass(frozen=True)
class ReliabilityTrial:
    """A fault or a load, and what must hold all the same.

    ``run(seed, database, folder)`` plays one round and returns how many ``unit`` it did; it raises
    ``AssertionError`` where something does not hold. A round takes seconds, at most a few minutes:
    what is not finished when the soak is ended is done again. What it starts it ends; its files lie
    in ``folder``, which is empty at first. With one seed it does the same, as far as the machine
    lets it.

    ``number`` is that of ``docs/reliability.md``. ``to_reach`` counts units for each of
    ``databases``. A trial that is about no ledger of its own names the one database that suits it.
    ``played_by`` names the tests that play the same scene in ``make test`` already; without them,
    ``make test`` plays one round of ``run``, or of ``briefly`` where a round takes longer than a
    few seconds.
    """

    number: str
    title: str
    must_hold: str
    unit: str
    to_reach: int
    run: Callable[[int, FreshDatabase, Path], int]
    databases: tuple[DatabaseName, ...] = BOTH
    briefly: Callable[[int, FreshDatabase, Path], int] | None = None
    played_by: tuple[str, ...] = ()
    longest_seconds: float = 600.0
    """A round that takes longer hangs, which is a violation too."""
