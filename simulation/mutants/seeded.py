"""All seeded mutants, and how one is found by its name."""

from simulation.mutants.mutant import Mutant
from simulation.mutants.of_the_databases import OF_THE_DATABASES
from simulation.mutants.of_the_feeds import OF_THE_FEEDS
from simulation.mutants.of_the_trade import OF_THE_TRADE
from simulation.mutants.of_the_writer import OF_THE_WRITER

SEEDED: tuple[Mutant, ...] = (*OF_THE_DATABASES, *OF_THE_WRITER, *OF_THE_FEEDS, *OF_THE_TRADE)
"""Every mutant, in the order of the documents."""


def by_name(name: str) -> Mutant:
    """Return the mutant of a name. Raises ``LookupError``, naming all of them.

    >>> by_name("stop-ignored").found_in
    'sqlite'
    """
    found = [each for each in SEEDED if each.name == name]
    if not found:
        raise LookupError(f"{name}: the mutants are {', '.join(each.name for each in SEEDED)}")
    return found[0]
