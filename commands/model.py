"""What every command has: its name, its header, its canonical form and its fingerprint.

A command is a pydantic model. It is the single source of the JSON Lines row, the HTTP body, the
flags of the command line and the JSON Schema. After its fields comes ``decide``: the few lines that
read what a decision of the ledger needs, and ask for it. No rule is in a command.
"""

import re
from abc import abstractmethod
from collections.abc import Sequence
from hashlib import blake2b
from itertools import islice
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from stocktrail.commands.fields import NO_CONTROL_CHARACTER, Key, LogPosition, Moment
from stocktrail.commands.kept_spelling import as_kept
from stocktrail.commands.scripts.named_errors import NamedErrors, looked_at_again
from stocktrail.commands.scripts.strict_json import BadJson, DuplicateKey, parse_json
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.instant import to_instant
from stocktrail.ledger.quantity import shortened
from stocktrail.ledger.refusal import MOST_NAMED
from stocktrail.ledger.spelling import ID_PATTERN, VENDOR_PATTERN, composed
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

COMMANDS: dict[str, type["Command"]] = {}
"""Every command by its name."""

_NOT_CONTENT = {"id", "group"}
_KEPT_HEADER = ("occurred_at", "correlation_id", "actor", "expected_version")
_HEADER = {*_NOT_CONTENT, *_KEPT_HEADER}
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


class Part(BaseModel):
    """A part of a command, such as one line of an order."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")


class Command(Part):
    """A wish to change the ledger, in the imperative."""

    id: Key | None = Field(
        default=None, description="Idempotency key: the same id changes nothing twice."
    )
    occurred_at: Moment | None = Field(default=None, description="When it happened; default: now.")
    group: Key | None = Field(
        default=None,
        description="Consecutive rows of one group are recorded together or not at all.",
    )
    correlation_id: Key | None = Field(default=None, description="What the command belongs to.")
    actor: Key | None = Field(default=None, description="Who sent it.")
    expected_version: LogPosition | None = Field(
        default=None, description="Refuse unless the aggregate is at this version."
    )

    command: ClassVar[str]
    is_listed: ClassVar[bool] = True
    """Whether scripts, flags and requests may give it; else only the operator's own subcommand."""

    personal: ClassVar[tuple[str, ...]] = ()
    """Fields that say who a customer is: encrypted before anything is stored.

    See :mod:`stocktrail.commands.personal_data`.
    """

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        if cls.is_listed and "command" in cls.__dict__:
            COMMANDS[cls.command] = cls

    @abstractmethod
    def stream(self) -> str:
        """Return the aggregate that ``expected_version`` is about."""

    @abstractmethod
    def decide(self, work: UnitOfWork) -> Decision:
        """Ask the ledger for what follows. Raises a refusal where it does not allow the command."""

    def streams(self) -> Sequence[str]:
        """Return the aggregates that it will ask for, as far as the command alone can tell."""
        return (self.stream(),)

    def content(self) -> bytes:
        """Write what the command is about as JSON, without its header.

        Two commands that carry the same business id are the same when their content is.
        """
        return _written(self, exclude=_HEADER)


class CommandEnvelope:
    """A command with its id, as the writer takes it."""

    __slots__ = ("_fields", "body", "command", "command_id", "fingerprint")

    def __init__(self, command: Command, command_id: str) -> None:
        self.command = command
        self.command_id = command_id
        has_header = not command.model_fields_set.isdisjoint(_KEPT_HEADER)
        self._fields = None if has_header else _written(command, exclude=_HEADER)
        fields = self._fields or _written(command, exclude=_NOT_CONTENT)
        rest = b"}" if fields == b"{}" else b",%b" % fields[1:]
        self.body = b'{"command":"%b"%b' % (command.command.encode(), rest)
        self.fingerprint = blake2b(self.body, digest_size=16).digest()

    @property
    def streams(self) -> Sequence[str]:
        """The aggregates that it will ask for, as far as it can tell."""
        return self.command.streams()

    @property
    def content(self) -> str:
        """A digest of what it is about, without its header."""
        as_submitted = self._fields is not None and type(self.command).content is Command.content
        fields = self._fields if as_submitted and self._fields else self.command.content()
        return digest(fields)

    @property
    def occurred_at_or_none(self) -> int | None:
        """When it happened, if the command says so."""
        moment = self.command.occurred_at
        return None if moment is None else to_instant(moment)

    @property
    def correlation_id(self) -> str | None:
        """What the command belongs to, if anything."""
        return self.command.correlation_id

    @property
    def actor(self) -> str | None:
        """Who sent it, if known."""
        return self.command.actor

    def decide(self, work: UnitOfWork) -> Decision:
        """Check that it has occurred, and let the command decide."""
        if self.command.occurred_at is not None:
            work.require_occurred()
        return self.decide_again(work)

    def decide_again(self, work: UnitOfWork) -> Decision:
        """Check the expected version, if any, and let a command decide that was judged before."""
        command = self.command if self.body.isascii() else as_kept(self.command, work)
        if command.expected_version is not None:
            work.require_version(command.stream(), command.expected_version)
        return command.decide(work)


def digest(content: bytes) -> str:
    """Return the digest of what a command is about, by which the same business id is recognised."""
    return blake2b(content, digest_size=16).hexdigest()


def _written(command: Command, exclude: set[str]) -> bytes:
    return command.__pydantic_serializer__.to_json(command, exclude=exclude, exclude_none=True)


def first_difference(body: bytes, original: bytes) -> str:
    """Return the first field in which two canonical commands differ.

    >>> first_difference(b'{"command":"x","sku":"A"}', b'{"command":"x","sku":"B"}')
    'sku'
    """
    one, other = parse_json(composed(body.decode())), parse_json(composed(original.decode()))
    return next(
        (name for name in {**one, **other} if one.get(name) != other.get(name)), "nothing"
    )


def errors_of(
    error: ValidationError, model: type[BaseModel] | None = None, given: Any = None
) -> NamedErrors:
    """Turn a validation error into JSON pointers with sentences; of very many into the first.

    With the ``model`` and what was ``given`` to it that is quick, however many there are.
    """
    fewer = error if model is None else looked_at_again(error, model, given)
    found = fewer.errors(include_url=False)[:MOST_NAMED]
    return NamedErrors.of(
        (
            {
                "pointer": pointer(each["loc"]),
                "code": _code(each),
                "message": _sentence(_code(each), each["loc"], each["msg"]),
            }
            for each in found
        ),
        error.error_count(),
    )


def errors_of_keys(error: DuplicateKey) -> NamedErrors:
    """Return the keys that stand twice, like :func:`errors_of`; of very many the first.

    >>> try:
    ...     parse_json('{"lines": [{"sku": "A", "sku": "B"}]}')
    ... except DuplicateKey as error:
    ...     [each["pointer"] for each in errors_of_keys(error)]
    ['/lines/0/sku']
    """
    places = error.places()
    found = [
        {
            "pointer": pointer(path), "code": "duplicate_key",
            "message": f"The key {str(path[-1])[:60]!r} stands twice in one object.",
        }
        for path in islice(places, MOST_NAMED)
    ]
    return NamedErrors.of(found, len(found) + sum(1 for _ in places))


def _code(error: ErrorDetails) -> str:
    """Return the code of an error; what pydantic checks by a pattern has a name of its own."""
    pattern = error.get("ctx", {}).get("pattern")
    if pattern in (ID_PATTERN, VENDOR_PATTERN):
        return _code_of_id(error.get("input"))
    unclean = pattern == NO_CONTROL_CHARACTER or error["type"] == "string_unicode"
    return "control_character" if unclean else error["type"]


def _code_of_id(written: object) -> str:
    """Return what is wrong with an id that does not look like one."""
    text = str(written)
    if _CONTROL.search(text):
        return "control_character"
    return "white_space_at_end" if text != text.strip() else "invisible_character"


def pointer(path: tuple[int | str, ...]) -> str:
    """Write a path into a JSON value as a JSON pointer (RFC 6901).

    >>> pointer(("lines", 0, "a/b"))
    '/lines/0/a~1b'
    """
    parts = (writable(part).replace("~", "~0").replace("/", "~1") for part in path)
    return "".join(f"/{part}" for part in parts)


def writable(written: object, most: int = 128) -> str:
    r"""Cut what somebody wrote, and make halves of surrogate pairs readable: UTF-8 has none.

    >>> writable("half a \ud83d pair")
    'half a \\ud83d pair'
    """
    return shortened(written, most).encode("utf-8", "backslashreplace").decode()


def _sentence(kind: str, path: tuple[int | str, ...], message: str) -> str:
    field = ".".join(map(writable, path)) or "the command"
    if kind == "extra_forbidden":
        return f"{field} is not a field of this command."
    if kind == "control_character":
        return f"{field}: must not contain control characters."
    if kind == "white_space_at_end":
        return f"{field}: must not begin or end with white space."
    if kind == "invisible_character":
        return f"{field}: must not contain invisible characters, such as a zero-width space."
    if kind == "missing":
        return f"{field} is missing."
    return f"{field}: {message[:1].lower()}{message[1:]}.".replace("..", ".")


def command_from_text(model: type[Command], values: dict[str, str]) -> Command:
    """Make a command of texts, as flags and CSV cells give them; lists and objects are JSON.

    Raises pydantic's ``ValidationError``, or
    :class:`~stocktrail.commands.scripts.strict_json.BadJson` for a text that is not JSON, naming
    its field; where a key stands twice that is a ``DuplicateKey``.
    """
    data: dict[str, Any] = {}
    for name, text in values.items():
        field = model.model_fields.get(name)
        is_json = field is not None and any(
            part in str(field.annotation) for part in ("list[", "dict[")
        )
        try:
            data[name] = parse_json(text) if is_json else text
        except DuplicateKey as error:
            raise error.within(name) from None
        except BadJson as error:
            raise BadJson(str(error), pointer((name,))) from None
    return model.model_validate(data, strict=False)
