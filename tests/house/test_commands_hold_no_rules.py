"""The ledger decides: a command reads what a decision needs, and asks for it in a few lines.

That commands import no module of rules is a contract of import-linter (``pyproject.toml``).
"""

import ast
import inspect
import textwrap

import pytest

from stocktrail.commands import COMMANDS
from stocktrail.commands.epochs import NewEpoch
from stocktrail.commands.model import Command
from tests.house.sources import Source, sources

EVERY_COMMAND = [*COMMANDS.values(), NewEpoch]
MODULES = {model.__module__ for model in EVERY_COMMAND}
MOST_STATEMENTS = 6
"""More than that in a handler is a decision, and belongs to the ledger."""

def handler(model: type[Command]) -> ast.FunctionDef:
    """Parse the handler of a command."""
    [found] = ast.parse(textwrap.dedent(inspect.getsource(model.decide))).body
    assert isinstance(found, ast.FunctionDef)
    return found


@pytest.mark.parametrize("model", EVERY_COMMAND, ids=lambda model: str(model.command))
def test_a_handler_is_a_few_lines_that_end_in_a_decision(model: type[Command]) -> None:
    body = [each for each in ast.walk(handler(model)) if isinstance(each, ast.stmt)][2:]
    assert len(body) <= MOST_STATEMENTS
    assert isinstance(handler(model).body[-1], ast.Return)


@pytest.mark.parametrize(
    "source", [
        each for each in sources("commands")
        if f"stocktrail.{str(each).removesuffix('.py').replace('/', '.')}" in MODULES
    ], ids=str,
)
def test_a_module_of_commands_refuses_nothing_and_makes_no_event_happen(source: Source) -> None:
    found = [
        f"{source}:{node.lineno} {ast.unparse(node)}"
        for node in ast.walk(source.tree())
        if (isinstance(node, ast.Name) and node.id == "Refusal")
        or (isinstance(node, ast.Attribute) and node.attr in ("apply", "trigger"))
    ]
    assert found == []


def test_every_module_of_commands_is_looked_at() -> None:
    known = {f"stocktrail.{str(each).removesuffix('.py').replace('/', '.')}"
             for each in sources("commands")}
    assert known >= MODULES
