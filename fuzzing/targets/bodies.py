"""Bodies of requests: the fast reader and the careful one return the same command or problem."""

from collections.abc import Iterator
from json import dumps
from typing import Any

from fuzzing.choices import Choices
from fuzzing.oracle import require
from fuzzing.targets import json_lines
from stocktrail.commands.model import COMMANDS, Command, CommandEnvelope
from stocktrail.interfaces.service.bodies import command_of, read_command, read_object
from stocktrail.interfaces.service.problems import Problem

WORDS = json_lines.WORDS
NAMES = (None, *sorted(COMMANDS))
KEYS = (None, "c-1", "c-2", " c", "c ", "", "caf\xc3\xa9", "x" * 128, "x" * 129, "a\x7f")


def target(data: bytes) -> None:
    """Read a body at the address and with the key that its first bytes choose."""
    choices = Choices(data)
    name, key = choices.one_of(NAMES), choices.one_of(KEYS)
    body = choices.rest()
    fast = _seen(lambda: command_of(body, name, key))
    careful = _seen(lambda: read_command(read_object(body, name), name, key))
    require(fast == careful, "a body is read the same in both ways", fast, careful)


def _seen(read: Any) -> object:
    try:
        command: Command = read()
    except Problem as problem:
        answer = problem.response()
        require(400 <= problem.status < 500, "a wrong body is the client's mistake", problem.code)
        require(len(answer.body) < 20_000, "a problem is short", answer.body)
        return problem.status, problem.code, answer.body
    sent = CommandEnvelope(command, command.id or "new")
    return command.id, repr(command.as_model()), sent.body, sent.content


def seeds() -> Iterator[bytes]:
    """Yield the example of every command, at its address and without one."""
    for number, (name, model) in enumerate(sorted(COMMANDS.items()), 1):
        fields = dict(model.example)
        yield bytes((number, number % len(KEYS))) + dumps(fields).encode()
        yield bytes((0, 1)) + dumps({"command": name, **fields}).encode()
