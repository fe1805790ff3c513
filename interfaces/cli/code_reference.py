"""The reference of codes, written from their catalogue."""

from collections.abc import Iterator

from stocktrail.interfaces.cli.code_origins import is_judged_again, origins_of
from stocktrail.interfaces.codes import CHAPTERS, Code, CodeChapter, Met

_INTRODUCTION = """\
# Codes

Written from `interfaces/codes` by `make docs`; do not edit.

Whatever goes wrong has a code for programs and a sentence for people. Codes stay
([what that means](../stability.md)); sentences may become better. `stocktrail help CODE` says of a
code what stands here, with `--json` for programs.

A code stands in brackets at the end of what the command line writes to stderr, in `code` of a
result and of a problem over HTTP, in `code` of each of its `errors` and `failures`, and in `.code`
of an exception in Python. *Where it is met* names the status over HTTP and the exit status of the
command line, of several the highest; a stream of results is 200 over HTTP, whatever they are.

*Same id: yes* means that a command with this code may be sent again with its id, and is judged
again; *no*, that the same answer is given again, and a new try needs a new id.
"""


def codes_page() -> str:
    """Return the page: every code, chapter by chapter."""
    return "\n".join([_INTRODUCTION, *(line for each in CHAPTERS for line in _chapter(each))])


def _chapter(chapter: CodeChapter) -> Iterator[str]:
    of_commands = sum(is_judged_again(code) is not None for code in chapter.codes)
    again = 2 * of_commands > len(chapter.codes)
    heads = ["code", "what it means", "what to do", "where it is met", *(["same id"] * again)]
    yield f"## {chapter.heading}\n"
    yield f"{chapter.about}\n"
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for code in chapter.codes:
        cells = [f"`{code.name}`", code.means, code.advice, _where(code)]
        if again:
            cells.append({True: "yes", False: "no", None: ""}[is_judged_again(code)])
        yield f"| {' | '.join(cells)} |"
    yield ""


def _where(code: Code) -> str:
    return "; ".join(dict.fromkeys(
        ": ".join(filter(None, (met.word, _statuses(met, http, exits))))
        for met, http, exits in origins_of(code)
    ))


def _statuses(met: Met, http: tuple[int, ...], exits: tuple[int, ...]) -> str:
    last = f"{exits[0]} or more" if met is Met.FOUND else either(exits)
    return ", ".join(
        f"{name} {shown}" for name, shown in (("HTTP", either(http)), ("exit", last)) if shown
    )


def either(statuses: tuple[int, ...]) -> str:
    """Return statuses in words.

    >>> either((404, 409)), either((3,)), either(()), either((8, 16, 32))
    ('404 or 409', '3', '', '8, 16 or 32')
    """
    *first, last = map(str, statuses or ("",))
    return f"{', '.join(first)} or {last}" if first else last
