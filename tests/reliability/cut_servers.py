"""R8: servers that are stopped, and connections that are terminated, in the middle of commits."""

from pathlib import Path
from random import Random

from simulation.postgres.episode import episode, episode_on
from simulation.postgres.fault_plan import UNHARMED, LinkFault, Strike, begins_append
from tests.postgres_server import PostgresServer
from tests.reliability.trial import SERVER, FreshDatabase, ReliabilityTrial

STOPS_EVERY = 5
"""Every fifth round stops a server of its own; the others terminate connections."""

_MESSAGES_OF_AN_APPEND = 9
"""From the parameters of an append to the reply to what is sent with it."""


class CommitPlan:
    """Terminates connections while they append, at one of the messages of the append."""

    def __init__(self, seed: str) -> None:
        self._random = Random(seed)
        self._struck_at: dict[int, int] = {}

    def strike(self, connection: int, number: int, message: bytes) -> Strike:
        """Return a termination at the message chosen when an append began."""
        if begins_append(message) and self._random.random() < 0.5:
            self._struck_at[connection] = number + self._random.randrange(_MESSAGES_OF_AN_APPEND)
        if self._struck_at.get(connection) != number:
            return UNHARMED
        return Strike(LinkFault.TERMINATE, self._random.choice((0, 0, 1, 2)))


def cut_in_commits(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Terminate connections, or stop a server at once, while writers commit; count both."""
    if seed % STOPS_EVERY == 0:
        with PostgresServer() as server:
            return stop_in_commits(seed, server)
    return _terminate(seed, database, 12)


def terminate_a_few(seed: int, database: FreshDatabase, folder: Path) -> int:
    """Terminate a few connections while writers commit."""
    return _terminate(seed, database, 3)


def _terminate(seed: int, database: FreshDatabase, steps: int) -> int:
    report = episode(
        seed, database.url, steps=steps, plans=lambda name: CommitPlan(f"{seed}/{name}"),
        shares={"send": 2, "send_at_once": 2, "send_from_threads": 1},
    )
    return report.faults[LinkFault.TERMINATE.value]


def stop_in_commits(seed: int, server: PostgresServer) -> int:
    """Stop a server at once, as if its power had gone, while writers commit."""
    shares = {"crash_server_at_work": 1, "send": 1}
    return episode_on(seed, server, steps=10, shares=shares).crashes


TRIALS = [
    ReliabilityTrial(
        "R8", "PostgreSQL stopped at once, and `pg_terminate_backend`, in the middle of commits",
        "what was answered is there, once; a lost reply is settled; no commit of one's own is "
        "taken for another's", "cuts", 500, cut_in_commits, databases=SERVER,
        briefly=terminate_a_few,
    ),
]
