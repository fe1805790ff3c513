"""What is behind the door: light to import, typed, and the command line too."""

import ast
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import stocktrail
from stocktrail import commands
from stocktrail.commands import COMMANDS, RegisterProduct
from stocktrail.commands.model import Part
from tests.house.sources import sources


def python(program: str) -> str:
    """Run a program in an interpreter of its own, and return what it prints."""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return ended.stdout


def test_importing_it_loads_nothing_else() -> None:
    loaded = python(
        "import sys; import stocktrail, typing, importlib\n"
        "print(*(name for name in sys.modules if name.startswith(('stocktrail', 'pydantic'))))"
    )
    assert loaded.split() == ["stocktrail"]


def test_everything_public_is_there_by_name() -> None:
    for name in stocktrail.__all__:
        assert getattr(stocktrail, name) is not None
        assert name in dir(stocktrail)
    with pytest.raises(AttributeError, match="no attribute 'close'"):
        stocktrail.close            # type: ignore[attr-defined]  # noqa: B018


def test_its_version_is_the_one_that_is_installed() -> None:
    assert stocktrail.__version__ == version("stocktrail")


def test_every_command_and_every_part_is_found_in_commands_by_name() -> None:
    made_of = {
        each for base in (commands.Command, Part) for each in _subclasses(base)
        if not each.__name__.startswith("_")
    }
    missing = [
        f"list {each.__name__} in __all__ of {each.__module__}" for each in made_of
        if each.__module__.startswith("stocktrail.commands.")
        and (each in COMMANDS.values() or not issubclass(each, commands.Command))
        and getattr(commands, each.__name__, None) is not each
    ]
    assert sorted(missing) == []


def test_every_optional_field_can_be_left_out_as_type_checkers_see_it() -> None:
    found = [
        f"{source}:{node.lineno} write Field(default={ast.unparse(node.args[0])}, ...)"
        for source in sources("commands", "projections/questions", "feeds/questions")
        for node in ast.walk(source.tree())
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        and node.func.id == "Field" and node.args
    ]
    assert found == []


def _subclasses(base: type[Part]) -> set[type[Part]]:
    direct = base.__subclasses__()
    return {*direct, *(each for one in direct for each in _subclasses(one))}


def test_a_ledger_is_made_where_there_is_none_unless_it_must_be_there(sqlite_url: str) -> None:
    with pytest.raises(stocktrail.StorageError) as raised:
        stocktrail.open(sqlite_url, create=False)
    assert raised.value.code == "ledger_not_found"
    with stocktrail.open(sqlite_url) as shop:
        shop.submit(RegisterProduct(sku="LAMP"))
    with stocktrail.open(sqlite_url, create=False) as shop:
        assert shop.position == 1
        assert shop.warnings == ()


def test_a_url_that_names_no_database_is_refused_with_a_sentence() -> None:
    with pytest.raises(stocktrail.StorageError, match="does not name a database"):
        stocktrail.open("shop.db")


def test_each_shop_in_memory_is_another_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with stocktrail.open_in_memory() as one, stocktrail.open_in_memory() as other:
        one.submit(RegisterProduct(sku="LAMP"))
        assert (one.position, other.position) == (1, 0)
    assert list(tmp_path.iterdir()) == []


def test_python_m_stocktrail_is_the_command_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "stocktrail", "--version"],
        capture_output=True, text=True, timeout=60, check=True,
    )
    assert ended.stdout.strip() == stocktrail.__version__
