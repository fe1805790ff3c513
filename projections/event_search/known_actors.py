"""Who has sent commands: the names that the index of events knows."""

from stocktrail.projections.models.event_index import POSTING
from stocktrail.projections.read_models import ReadModels

MOST_ACTORS = 50
"""How many names are offered."""


def known_actors(models: ReadModels) -> list[str]:
    """Return the first names of those who sent commands, in order; each is one look-up."""
    found: list[str] = []
    with models.reading() as reading:
        posting = reading.place.table(POSTING).name
        while len(found) < MOST_ACTORS:
            reading.cursor.execute(
                f"SELECT MIN(value) AS following FROM {posting} "
                "WHERE kind = 'actor' AND value > :last",
                {"last": found[-1] if found else ""},
            )
            following = reading.cursor.fetchall()[0]["following"]
            if following is None:
                break
            found.append(following)
    return found
