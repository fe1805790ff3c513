"""Every code of an error, a refusal, a finding or a warning: what it means, and what to do.

A chapter is a module. A code that is new gets its entry where it fits best, in the order of the
alphabet; ``tests/interfaces/test_codes.py`` fails as long as it has none, and says where the code
is made. ``docs/reference/codes.md`` and ``stocktrail help CODE`` are written from here.
"""

from collections.abc import Mapping

from stocktrail.interfaces.codes import (
    command_line,
    imported_files,
    invalid_input,
    questions,
    refused_commands,
    sending,
    service,
    storage,
    verification,
)
from stocktrail.interfaces.codes.code import Code, CodeChapter, Met

__all__ = ["CHAPTERS", "CODES", "Code", "CodeChapter", "Met"]

CHAPTERS: tuple[CodeChapter, ...] = tuple(each.CHAPTER for each in (
    refused_commands, invalid_input, questions, imported_files, service, storage, verification,
    sending, command_line,
))
"""All codes, chapter by chapter."""

CODES: Mapping[str, Code] = {code.name: code for chapter in CHAPTERS for code in chapter.codes}
"""All codes by their names."""
