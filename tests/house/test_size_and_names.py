"""A file per idea, small enough to read in one sitting; one name per thing, and it says what."""

import ast
import re
from collections import defaultdict

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


def test_no_two_public_classes_have_one_name() -> None:
    places = defaultdict(list)
    for source in sources(*PACKAGES):
        for node in source.tree().body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(f"{source}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
