"""The table of what was found, written line by line while the search goes on."""

from simulation.mutants.searching import Search

_WIDTH = 34
HEADING = f"{'mutant':{_WIDTH}} {'seed':>8} {'step':>8} {'seconds':>8}  found by"


def line_of(name: str, searched: Search, most_steps: int | None = None) -> str:
    """Return the line of one mutant: where it was found and by what, or that it survived.

    >>> line_of("stop-ignored", Search(3.2, "1", 40, "outcomes", "Two of c-1."), 100)
    'stop-ignored                              1       40      3.2  outcomes: Two of c-1.'
    >>> line_of("stop-ignored", Search(60.0))
    'stop-ignored                              -        -     60.0  SURVIVED'
    """
    seed, step = (searched.seed or "-", str(searched.step or "-"))
    said = f"{searched.check}: {searched.said}" if searched.is_found else "SURVIVED"
    if most_steps is not None and searched.step > most_steps:
        said = f"LATE, after more than {most_steps} steps; {said}"
    return f"{name:{_WIDTH}} {seed:>8} {step:>8} {searched.seconds:8.1f}  {said}"
