"""Everything public says in its first line, as a sentence in plain English, what it is or does.

A method that takes the place of one of ours, documented where it is promised, need not repeat it.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator

import pytest

from tests.house.sources import PACKAGES, Source, sources

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
Documented = ast.Module | Named
SOURCES = sources(*PACKAGES)
CLASSES = {
    node.name: node
    for source in SOURCES
    for node in ast.walk(source.tree())
    if isinstance(node, ast.ClassDef)
}

UNCLEAR_BEGINNING = re.compile(r"(Give|Say|Tell|Name)s?\b")
"""How no docstring begins: a function returns, writes or raises something."""

TRANSLATED = re.compile(
    r"\banew\b|\bstands? beside\b|\bis dear\b|\bwhat is none\b|\bhears? of\b|\bgives? up on\b",
    re.IGNORECASE,
)
"""Idioms of another language, over which an English reader stumbles."""


def public(body: list[ast.stmt], within: str = "") -> Iterator[tuple[str, Named]]:
    """Walk the public classes and functions, and the public methods of those classes."""
    for node in body:
        if isinstance(node, Named) and not node.name.startswith("_"):
            yield f"{within}{node.name}", node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body, f"{node.name}.")


def first_line(node: Named | ast.Module) -> str:
    """Return the first line of a docstring, empty when there is none."""
    return (ast.get_docstring(node) or "").partition("\n")[0]


def is_documented_elsewhere(name: str, node: Named) -> bool:
    """Return whether another definition of the same thing carries the docstring."""
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    if decorators & {"overload", "override", "setter"}:
        return True
    owner, _, method = name.rpartition(".")
    for base in CLASSES[owner].bases if owner else ():
        promised = CLASSES.get(ast.unparse(base))
        if promised is None:
            continue
        taken = dict(public(promised.body)).get(method)
        if taken is not None and first_line(taken).endswith("."):
            return True
        if is_documented_elsewhere(f"{promised.name}.{method}", node):
            return True
    return False


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_everything_public_has_a_docstring_that_begins_with_a_sentence(source: Source) -> None:
    tree = source.tree()
    found = [] if first_line(tree).endswith(".") else [f"{source}:1 the module"]
    found += [
        f"{source}:{node.lineno} {name}: {first_line(node) or 'no docstring'}"
        for name, node in public(tree.body)
        if not first_line(node).endswith(".") and not is_documented_elsewhere(name, node)
    ]
    assert found == []


def is_command(node: ast.AST) -> bool:
    """Return whether a class is a command, whose docstring is what its user wants to be done.

    >>> [node] = ast.parse('class Ship(Command):\\n    command: ClassVar[str] = "ship"').body
    >>> is_command(node)
    True
    """
    return isinstance(node, ast.ClassDef) and any(
        isinstance(each, ast.AnnAssign) and ast.unparse(each.target) == "command"
        for each in node.body
    )


def prose(source: Source) -> Iterator[tuple[int, str]]:
    """Walk the docstrings and comments of a file, each with its line."""
    for node in ast.walk(source.tree()):
        if (
            isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        ):
            yield node.lineno, node.value.value
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_docstring_begins_with_what_is_returned_or_done(source: Source) -> None:
    documented = (
        (node, ast.get_docstring(node) or "") for node in ast.walk(source.tree())
        if isinstance(node, Documented) and not is_command(node)
    )
    found = [
        f"{source}:{getattr(node, 'lineno', 1)} {text.partition(chr(10))[0]}"
        for node, text in documented if UNCLEAR_BEGINNING.match(text)
    ]
    assert found == []


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_nothing_is_written_in_translated_idioms(source: Source) -> None:
    found = [
        f"{source}:{line + text.count(chr(10), 0, hit.start())} {hit[0]}"
        for line, text in prose(source) for hit in TRANSLATED.finditer(text)
    ]
    assert found == []
