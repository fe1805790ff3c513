"""Everything public says in its first line, as a sentence, what it is or does.

A method that takes the place of one of ours, documented where it is promised, need not repeat it.
"""

import ast
from collections.abc import Iterator

import pytest

from tests.house.sources import PACKAGES, Source, sources

Named = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
SOURCES = sources(*PACKAGES)
CLASSES = {
    node.name: node
    for source in SOURCES
    for node in ast.walk(source.tree())
    if isinstance(node, ast.ClassDef)
}


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
