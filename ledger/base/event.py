"""Events: frozen facts in the past tense, and the catalogue of names under which they are kept.

An event class is a pydantic model. It is stored under its stable name and version
(``StockReceived.v1``), never under a Python path, so that a module can move without breaking a log.
When the meaning of an event changes it gets a new version, and an upcaster that turns the old
payload into the new one; the old rows are never touched.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Self

import orjson
from pydantic import BaseModel, ConfigDict

from stocktrail.ledger.base.trusted import NOT_AS_WRITTEN, maker_of, reader_of


class Fact(BaseModel):
    """What an event, or a part of one, says; it never changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        cls.decided = maker_of(cls)  # type: ignore[method-assign]

    if TYPE_CHECKING:
        @classmethod
        def decided(cls, **fields: Any) -> Self:
            """Make it of values that a decision has just computed, all given in their order.

            It skips the validation, which costs more than the decision itself. Only for the events
            of every order; the tests read each of them back from the log, where it is validated.
            """


class Event(Fact):
    """Something that happened, with the values that were decided at the time."""

    version: ClassVar[int] = 1
    topic: ClassVar[str]

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        super().__pydantic_init_subclass__()
        cls.topic = f"{cls.__name__}.v{cls.version}"

    @property
    def happened_at(self) -> int | None:
        """When it occurred, if that is not when what the command is about did."""
        return None

    def to_json(self) -> bytes:
        """Write the payload as JSON, quantities in units."""
        return self.__pydantic_serializer__.to_json(self)


class SkippedPayload(Event):
    """Stands where a payload was not read, because nobody asked for it."""


SKIPPED = SkippedPayload()
"""The one payload that stands for all that were not read."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class UnknownEvent(Exception):
    """The log holds an event that this version of the program does not know."""

    code = "unknown_event"


class Catalogue:
    """The event classes by stable name, and the upcasters from one version to the next."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Event]] = {}
        self._upcasters: dict[str, tuple[str, Upcaster]] = {}
        self._readers: dict[str, Callable[[dict[str, Any]], Event]] = {}

    def register(self, *classes: type[Event]) -> None:
        """Add event classes under their current name and version."""
        for cls in classes:
            self._classes[cls.topic] = cls

    def upcast(self, old: str, new: str, upcaster: Upcaster) -> None:
        """Return how a payload stored under one name and version becomes the next one's."""
        self._upcasters[old] = (new, upcaster)

    def read(self, topic: str, state: bytes) -> Event:
        """Read a stored payload as the current version of its event.

        Raises :class:`UnknownEvent` for a name that is in no catalogue of this program.
        """
        while topic in self._upcasters:
            topic, upcaster = self._upcasters[topic]
            state = orjson.dumps(upcaster(orjson.loads(state)))
        cls = self._classes.get(topic)
        if cls is None:
            raise UnknownEvent(
                f"The log holds an event named {topic!r}, which this version of stocktrail does "
                "not know. Open it with the version that wrote it, or a later one."
            )
        return cls.model_validate_json(state)

    def read_trusted(self, topic: str, state: bytes) -> Event:
        """Read a payload that this program wrote: the same event, its values not checked again.

        What is not of the form that its event has is read by :meth:`read`, and refused there.
        """
        reader = self._readers.get(topic)
        if reader is None:
            if topic not in self._classes:
                return self.read(topic, state)
            reader = self._readers[topic] = reader_of(self._classes[topic])
        try:
            return reader(orjson.loads(state))
        except NOT_AS_WRITTEN:
            return self.read(topic, state)

    def current(self, topic: str) -> str:
        """Return the version as which an event stored under a name is read; unknown names stay."""
        while topic in self._upcasters:
            topic, _ = self._upcasters[topic]
        return topic

    def names(self) -> list[str]:
        """Return the names of the current events, without their versions."""
        return [topic.rpartition(".")[0] for topic in self._classes]

    def classes(self) -> dict[str, type[Event]]:
        """Return the current event classes by stable name."""
        return dict(self._classes)
