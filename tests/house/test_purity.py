"""The ledger decides from what it is given: it reads no clock, asks no chance and opens nothing.

That it imports neither is a contract of import-linter (``pyproject.toml``); what needs no import,
or comes with an innocent one such as ``datetime``, is looked for here.
"""

import ast

from tests.house.sources import PACKAGES, sources

CLOCKS = {"monotonic", "now", "perf_counter", "time_ns", "today", "utcnow"}
DOORS = {"breakpoint", "eval", "exec", "input", "open", "print"}


def called(node: ast.Call) -> str:
    """Return the last part of the name that is called, ``now`` for ``datetime.now()``."""
    return ast.unparse(node.func).rpartition(".")[2]


def test_the_ledger_without_its_store_reads_no_clock_and_opens_nothing() -> None:
    found = [
        f"{source}:{node.lineno} {ast.unparse(node)}"
        for source in sources("ledger")
        if source.is_pure()
        for node in ast.walk(source.tree())
        if isinstance(node, ast.Call)
        and (called(node) in CLOCKS or (isinstance(node.func, ast.Name) and called(node) in DOORS))
    ]
    assert found == []


def test_nothing_goes_on_after_an_exception_of_any_kind() -> None:
    found = [
        f"{source}:{node.lineno}"
        for source in sources(*PACKAGES)
        for node in ast.walk(source.tree())
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not any(
            isinstance(inner, ast.Raise)
            # Raised where somebody waits for it, in another thread.
            or (isinstance(inner, ast.Name) and inner.id == "_resolve_all")
            for inner in ast.walk(node)
        )
    ]
    assert found == []
