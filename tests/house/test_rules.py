"""The rules that code and tests cite stand in ``docs/rules.md``, and every rule there has scenes.

A rule is cited as ``rule 2.4``, several as ``rules 2.1 and 2.6`` or ``rules 6.1 to 6.4``, a whole
section as ``section 5``.
"""

import re
from pathlib import Path

from stocktrail.ledger.salability import Reason
from tests.house.sources import PACKAGES, ROOT, sources

RULES = ROOT / "docs" / "rules.md"
CITED = re.compile(
    r"\b(?:rules?|sections?)\s+(\d\.\d+|\d)((?:(?:,|\s+to|,?\s+and)\s+\d(?:\.\d+)?)*)(?![\d.]*\d)",
    re.IGNORECASE,
)


def written() -> set[str]:
    """Return the numbers of all rules and sections, from the headings."""
    return set(re.findall(r"^##+ (\d(?:\.\d+)?)\.? ", RULES.read_text(encoding="utf-8"), re.M))


def cited(text: str) -> set[str]:
    """Return the numbers that a text cites.

    >>> sorted(cited("as rule 2.4 says; rules 2.1, 2.2 and 2.6; a rule; RFC 9110 section 8.8.3"))
    ['2.1', '2.2', '2.4', '2.6']
    """
    return {
        number
        for found in CITED.finditer(text)
        for first, last in re.findall(r"(\d(?:\.\d+)?)(?:\s+to\s+(\d(?:\.\d+)?))?", found[0])
        for number in all_between(first, last or first)
    }


def all_between(first: str, last: str) -> list[str]:
    """Return all rules from one to another of the same section.

    >>> all_between("4.9", "4.11"), all_between("2", "3")
    (['4.9', '4.10', '4.11'], ['2', '3'])
    """
    (section, _, low), (_, _, high) = first.partition("."), last.partition(".")
    if not low:
        return [str(number) for number in range(int(first), int(last) + 1)]
    return [f"{section}.{number}" for number in range(int(low), int(high) + 1)]


def places(*folders: str) -> dict[str, set[str]]:
    """Return what each file cites, leaving out the tests of the house, which only speak of it."""
    return {
        str(source.path): cited(source.text)
        for source in sources(*folders)
        if source.path.parts[:2] != ("tests", "house")
    }


def test_every_reason_not_to_sell_is_in_the_rules() -> None:
    text = RULES.read_text(encoding="utf-8")
    assert [reason.code for reason in Reason if f"`{reason.code}`" not in text] == []


def test_every_rule_that_is_cited_is_written() -> None:
    known = written()
    wrong = {
        path: sorted(numbers - known)
        for path, numbers in places(*PACKAGES, "tests").items() if numbers - known
    }
    assert wrong == {}


def rules() -> set[str]:
    """Return the numbers of all rules, and of sections that have none of their own."""
    numbers = written()
    ruled = {number.partition(".")[0] for number in numbers if "." in number}
    return numbers - ruled


def test_every_rule_has_scenes() -> None:
    assert sorted(rules() - set().union(*places("tests").values())) == [], "no test cites these"


def test_every_rule_is_cited_where_it_is_carried_out() -> None:
    program = places(*PACKAGES).values()
    assert sorted(rules() - set().union(*program)) == [], "no module cites these"


def test_nothing_cites_a_document_that_is_not_shipped() -> None:
    files = [Path(str(source.path)) for source in sources(*PACKAGES, "tests")]
    texts = [*files, *(path.relative_to(ROOT) for path in ROOT.glob("**/*.md")
                       if ".venv" not in path.parts)]
    found = [
        str(path) for path in texts
        if path.parts[:2] != ("tests", "house")
        and re.search(r"\bdomain\.md\b|\barchitecture\.md\b", (ROOT / path).read_text("utf-8"))
    ]
    assert found == []
