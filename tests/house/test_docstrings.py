"""Everything public says in its first line, as a sentence, what it is or does."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.sources import PACKAGES, Source, sources

Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(tree: ast.Module) -> Iterator[tuple[int, str, Documented]]:
    """Walk the module, its public classes and functions, and the public methods of those."""
    yield 1, "the module", tree
    pending: list[tuple[str, ast.stmt]] = [("", node) for node in tree.body]
    while pending:
        prefix, node = pending.pop(0)
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("_") or is_continued(node):
            continue
        yield node.lineno, prefix + node.name, node
        if isinstance(node, ast.ClassDef):
            pending.extend((f"{node.name}.", inner) for inner in node.body)


def is_continued(node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether another definition of the same name carries the docstring."""
    names = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(names & {"overload", "override", "setter"})


@pytest.mark.parametrize("source", sources(*PACKAGES), ids=str)
def test_everything_public_has_a_docstring_that_begins_with_a_sentence(source: Source) -> None:
    found = []
    for line, name, node in public(source.tree()):
        first = (ast.get_docstring(node) or "").partition("\n")[0]
        if not first:
            found.append(f"{source}:{line} {name} has no docstring")
        elif not first.endswith("."):
            found.append(f"{source}:{line} {name}: its first line is no sentence: {first}")
    assert found == []
