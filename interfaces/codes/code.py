"""A code: what it means, what to do, and where it is met."""

from enum import Enum
from typing import NamedTuple


class Met(Enum):
    """Where a code is met: in a word, in a few words, and in a sentence.

    What it is as a status over HTTP and at the command line is decided elsewhere
    (:mod:`stocktrail.interfaces.cli.code_origins`).
    """

    REJECTED = ("command", "a command that the ledger refuses: a result with status `rejected`")
    CONFLICT = ("command", "a command whose id was used before: a result with status `conflict`")
    GROUP_FAILED = ("command", "a command of a group: a result with status `group_failed`")
    INVALID = (
        "input", "a command that can never be right: in `errors` of a result with status `invalid`"
    )
    PARAMETER = ("parameter", "a parameter over HTTP: in `errors` of a problem `bad_parameter`")
    QUESTION = ("question", "a question that is refused")
    CALL = ("subcommand", "a subcommand that is refused")
    FILE = ("file", "a file of which nothing is imported")
    ROW = ("row", "a row of a file that is not imported: among its `errors`")
    NOTE = ("note", "a file that is imported: among its `notes`, and nothing is kept back")
    SERVICE = ("service", "the service")
    STORAGE = ("database", "the database, or the log in it")
    COMMAND_LINE = ("command line", "the command line")
    FOUND = ("verify", "what `stocktrail verify` finds, and adds to its exit status")
    WARNING = ("warning", "a warning on stderr: nothing is kept back")
    PYTHON = ("Python", "an exception in Python")

    def __init__(self, word: str, sentence: str) -> None:
        self.word = word
        self.sentence = sentence


class Code(NamedTuple):
    """A stable code that programs may rely on.

    ``means`` and ``advice`` are a sentence each. ``http`` and ``exits`` are the statuses of the
    places that choose one themselves; all others follow from where the code is met.
    """

    name: str
    means: str
    advice: str
    met: tuple[Met, ...]
    http: tuple[int, ...] = ()
    exits: tuple[int, ...] = ()


class CodeChapter(NamedTuple):
    """Codes that are about the same thing, under their heading."""

    heading: str
    about: str
    codes: tuple[Code, ...]
