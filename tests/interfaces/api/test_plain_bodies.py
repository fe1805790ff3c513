"""A plain body of one command is read in a few C calls, every other one with care: alike."""

from collections.abc import Callable

from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.commands import COMMANDS
from stocktrail.commands.model import Command
from stocktrail.commands.scripts.plain_lines import read_plain
from stocktrail.interfaces.service.bodies import command_of, read_command, read_object
from stocktrail.interfaces.service.problems import Problem
from tests.commands.test_plain_lines import headers, odd_lines, rows, with_odd_places

Reading = Callable[[bytes, str | None, str | None], Command]

names = st.sampled_from([None, "receive-stock", "place-order", *COMMANDS])
keys = st.sampled_from([None, "c-1", "c-2", "c 3", " c", "c ", "", "x" * 128, "x" * 129, "\u00e9"])


@st.composite
def odd_bodies(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw a body whose address names the command."""
    fields = {**draw(headers), **draw(rows)}
    return fields.pop("command"), with_odd_places(draw, fields)


def read_with_care(body: bytes, name: str | None, key: str | None) -> Command:
    """Read a body as one that is not plain."""
    return read_command(read_object(body, name), name, key)


def outcome(reading: Reading, body: bytes, name: str | None, key: str | None) -> object:
    """Return what a body is read as: the command and its canonical form, or the problem."""
    try:
        command = reading(body, name, key)
    except Problem as problem:
        return problem.as_json()
    return repr(command.as_model()), command.body()


@for_all(odd_lines(), names, keys)
def test_every_body_is_read_the_same_in_both_ways(
    body: bytes, name: str | None, key: str | None
) -> None:
    assert outcome(command_of, body, name, key) == outcome(read_with_care, body, name, key)


@for_all(odd_bodies(), keys)
def test_so_is_a_body_whose_address_names_the_command(
    named: tuple[str, bytes], key: str | None
) -> None:
    name, body = named
    assert outcome(command_of, body, name, key) == outcome(read_with_care, body, name, key)


def test_a_body_whose_address_names_the_command_is_plain() -> None:
    body = b'{"sku": "A", "quantity": 1}'
    assert read_plain(body, "receive-stock") is not None
    keyed = read_plain(body, "receive-stock", "c-1")
    assert keyed is not None
    assert keyed.id == "c-1"
    assert read_plain(body[:-1] + b',"sku":"A"}', "receive-stock") is None
    assert read_plain(b'{"customer": "ADA"}', "register-customer") is None
    assert read_plain(b'{"command":"receive-stock",' + body[1:], "receive-stock") is None
