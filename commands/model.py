"""What every command has: its name, its header, its canonical form and its fingerprint.

A command is a pydantic model. It is the single source of the JSON Lines row, the HTTP body, the
flags of the command line and the JSON Schema. After its fields comes ``decide``: the few lines that
read what a decision of the ledger needs, and ask for it. No rule is in a command.
"""

import re
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from stocktrail.commands.fields import Key, LogPosition, Moment
from stocktrail.commands.kept_spelling import as_kept
from stocktrail.ledger.base.decision import Decision
from stocktrail.ledger.instant import to_instant
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork

Body = Mapping[str, Any]
"""A command as JSON values, without its name."""

COMMANDS: dict[str, type["Command"]] = {}
"""Every command by its name."""

_NOT_KEPT = {"id", "group"}
_KEPT_HEADER = ("occurred_at", "correlation_id", "actor", "expected_version")
_WRITTEN_HEADER = re.compile(
    rb'\{"command":"[^"]*",(?:"(?:%b)":(?:\d+|"(?:[^"\\]|\\.)*"),)*'
    % "|".join(_KEPT_HEADER).encode()
).match
"""Finds the header in a canonical command: its fields stand first, as all commands have them."""


class Part(BaseModel):
    """A part of a command, such as one line of an order."""

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, frozen=True, extra="forbid")


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
    example: ClassVar[Body]
    """What the description of the API shows, and tests send; its shop is the one of the others."""

    example_needs: ClassVar[Body] = {}
    """A row that has to be sent before the example, if the others do not send it anyway."""

    is_listed: ClassVar[bool] = True
    """Whether scripts, flags and requests may give it; else only the operator's own subcommand."""

    personal: ClassVar[tuple[str, ...]] = ()
    """Fields that say who a customer is: encrypted before anything is stored.

    See :mod:`stocktrail.commands.scripts.personal_data`.
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

    def begins(self) -> str | None:
        """Return the aggregate that it begins if it is accepted, if it begins one."""
        return None

    def as_model(self) -> Self:
        """Return the command itself; one that was read in its plain form is made a model of."""
        return self

    def body(self) -> bytes:
        """Write the command as canonical JSON, as it is kept: without its id and its group."""
        fields = self.model_dump_json(exclude=_NOT_KEPT, exclude_none=True)
        rest = "}" if fields == "{}" else f",{fields[1:]}"
        return f'{{"command":"{self.command}"{rest}'.encode()


class CommandEnvelope:
    """A command with its id, as the writer takes it.

    ``credential`` is the id of the token that sent it, whatever it says of its ``actor``: it is
    known from the request, and no field of the command.
    """

    __slots__ = ("body", "command", "command_id", "credential", "fingerprint")

    def __init__(
        self, command: Command, command_id: str, *, credential: str | None = None
    ) -> None:
        self.command: Command = command
        self.command_id: str = command_id
        self.credential: str | None = credential
        self.body: bytes = command.body()
        self.fingerprint: bytes = blake2b(self.body, digest_size=16).digest()

    @property
    def streams(self) -> Sequence[str]:
        """The aggregates that it will ask for, as far as it can tell."""
        return self.command.streams()

    @property
    def begins(self) -> str | None:
        """The aggregate that it begins if it is accepted, if it begins one."""
        return self.command.begins()

    @property
    def content(self) -> str:
        """A digest of what it is about."""
        return content_of(self.body)

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


def content_of(body: bytes) -> str:
    """Return a digest of what a canonical command is about, without its name and its header.

    Two commands that carry the same business id are the same when their content is.
    """
    header = _WRITTEN_HEADER(body)
    fields = body[header.end() :] if header else b"}"
    return blake2b(b"{%b" % fields, digest_size=16).hexdigest()
