"""A file per idea: small enough to read in one sitting, and named after what it is about."""

import ast
import re

from tests.house.sources import PACKAGES, sources

MOST_LINES = 400
MEANINGLESS = {"helper", "helpers", "manager", "managers", "util", "utils"}


def words(name: str) -> set[str]:
    """Split a name in snake case or camel case into its words, in lower case.

    >>> sorted(words("StockManager")), sorted(words("stock_utils"))
    (['manager', 'stock'], ['stock', 'utils'])
    """
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)}


def test_no_module_is_longer_than_400_lines() -> None:
    lengths = {str(source): source.text.count("\n") for source in sources(*PACKAGES, "tests")}
    assert {path: lines for path, lines in lengths.items() if lines > MOST_LINES} == {}


def test_no_file_or_folder_has_a_name_that_says_nothing() -> None:
    named = [source.path for source in sources(*PACKAGES, "tests")]
    assert [path for path in named if words(" ".join(path.parts)) & MEANINGLESS] == []


def test_no_class_has_a_name_that_says_nothing() -> None:
    found = [
        f"{source}:{node.lineno} {node.name}"
        for source in sources(*PACKAGES, "tests")
        for node in ast.walk(source.tree())
        if isinstance(node, ast.ClassDef) and words(node.name) & MEANINGLESS
    ]
    assert found == []
