"""Events: frozen facts in the past tense, and the catalogue of the names they are stored under.

An event class is a pydantic model. It is stored under its stable name and version
(``StockReceived.v1``), never under a Python path, so that moving a module does not break a log.
When the meaning of an event changes it gets a new version, and an upcaster that converts the old
payload to the new one; stored rows are never changed.
"""

from collections.abc import Callable
from inspect import isabstract
from types import ModuleType
from typing import TYPE_CHECKING, Any, ClassVar, Self

import orjson
from pydantic import BaseModel, ConfigDict

from stocktrail.ledger.base.decided import maker_of


class Fact(BaseModel):
    """An immutable model: an event, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: Any) -> None:
        cls.decided = maker_of(cls)  # type: ignore[method-assign]

    if TYPE_CHECKING:
        @classmethod
        def decided(cls, **fields: Any) -> Self:
            """Return an instance of values that a decision has just computed, not validated again.

            All fields are given, in their order. Only for the events of every order (see
            :mod:`stocktrail.ledger.base.decided`); tests validate each of them as it is stored.
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
        """When the event occurred, if that differs from when the command's subject occurred."""
        return None

    @property
    def sentence(self) -> str:
        """What happened, as people are told."""
        return f"{type(self).__name__}."

    def to_json(self) -> bytes:
        """Return the payload as JSON, quantities in units."""
        # Past `model_dump_json`: 2.3 instead of 2.9 us (`python -m benchmarks.fast_paths
        # serializer`, 2026-11-29).
        return self.__pydantic_serializer__.to_json(self)


class SkippedPayload(Event):
    """Placeholder for a payload that the query skipped."""


SKIPPED = SkippedPayload()
"""The one instance of the placeholder."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


class UnknownEvent(Exception):
    """The log holds an event that this version of the program does not know."""

    code = "unknown_event"


class Catalogue:
    """Event classes by stable name, and the upcasters from one version to the next."""

    def __init__(self) -> None:
        self._classes: dict[str, type[Event]] = {}
        self._upcasters: dict[str, tuple[str, Upcaster]] = {}

    def register(self, *classes: type[Event]) -> None:
        """Add event classes under their current name and version."""
        for cls in classes:
            self._classes[cls.topic] = cls

    def register_all_of(self, *modules: ModuleType) -> None:
        """Add the event classes that modules define, in their order, but for abstract ones."""
        for module in modules:
            self.register(*(
                each for each in vars(module).values()
                if isinstance(each, type) and issubclass(each, Event)
                and each.__module__ == module.__name__ and not isabstract(each)
            ))

    def upcast(self, old: str, new: str, upcaster: Upcaster) -> None:
        """Register the function that converts a payload of one version to the next one."""
        self._upcasters[old] = (new, upcaster)

    def read(self, topic: str, state: bytes) -> Event:
        """Return a stored payload as the current version of its event.

        Raises :class:`UnknownEvent` for a name that is in no catalogue of this program, and
        pydantic's ``ValidationError`` for a payload that the event class does not accept.
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

    def current(self, topic: str) -> str:
        """Return the current name and version of a stored name; unknown names are unchanged."""
        while topic in self._upcasters:
            topic, _ = self._upcasters[topic]
        return topic

    def names(self) -> list[str]:
        """Return the names of the current events, without their versions."""
        return [topic.rpartition(".")[0] for topic in self._classes]

    def classes(self) -> dict[str, type[Event]]:
        """Return the current event classes by stable name."""
        return dict(self._classes)
