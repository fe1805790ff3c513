"""A mutant: one change of one file that breaks something, and where it must be found."""

from typing import Literal, NamedTuple

Arena = Literal["sqlite", "postgresql", "crash images"]
"""What finds a mutant: episodes on a database, or images of a disk after a crash."""


class Mutant(NamedTuple):
    """One change of one file.

    ``breaks`` says in one sentence what is wrong then, ``file`` is a path below the root of the
    project. ``found_in`` is the simulation that finds it, within ``most_steps`` from its first
    seed.
    """

    name: str
    breaks: str
    file: str
    old: str
    new: str
    found_in: Arena
    most_steps: int

    def applied(self, text: str) -> str:
        r"""Return the text of the file with the change.

        Raises ``ValueError`` unless the old text occurs exactly once: the program has changed, and
        the mutant must follow it.

        >>> mutant = Mutant("early", "It ends early.", "a.py", "x = 2", "x = 1", "sqlite", 9)
        >>> mutant.applied("x = 2\n")
        'x = 1\n'
        """
        found = text.count(self.old)
        if found != 1:
            raise ValueError(f"{self.name}: its old text occurs {found} times in {self.file}")
        return text.replace(self.old, self.new)
