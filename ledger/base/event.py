"""Events: frozen facts in the past tense, and the catalogue of the names they are stored under.

An event is stored under its stable name and version (``StockReceived.v1``), never under a Python
path, so that moving a module does not break a log. When the meaning of an event changes it gets a
new version, and an upcaster that converts the old payload to the new one; stored rows are never
changed.
"""

from collections.abc import Callable
from functools import cache
from inspect import get_annotations
from types import ModuleType
from typing import Any, ClassVar, Self, dataclass_transform, get_args, get_origin

import msgspec
from msgspec.structs import force_setattr, replace

from stocktrail.ledger.written import READ, WRITE, Way, Written, written_as

Payload = bytes | memoryview | msgspec.Raw
"""An event as it is stored: JSON."""

_encode = msgspec.json.Encoder().encode


class UnknownEvent(Exception):
    """The log holds an event that this version of the program does not know."""

    code = "unknown_event"


class UnreadableEvent(ValueError):
    """The log holds a payload that this program does not write."""


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(msgspec.field,))
class Fact(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An immutable struct, whose fields are given by name: an event, or a part of one.

    It is made in 0.1 us, 20 times as fast as a pydantic model, written and read twice as fast
    (``python -m benchmarks.fast_paths facts``, 2026-11-29). It holds nothing that could hold it, so
    the garbage collector need not know it.

    What JSON has otherwise than Python, such as quantities, says so in its type
    (:class:`~stocktrail.ledger.written.Written`); its default is 0 or ``None``. A class in which a
    field without a default stands after one that has one is declared with ``kw_only=True``.
    """

    _written_otherwise: ClassVar[tuple[tuple[str, Written], ...]] = ()

    def __init_subclass__(cls) -> None:
        found = ((name, _written(kind)) for name, kind in get_annotations(cls).items())
        cls._written_otherwise += tuple((name, written) for name, written in found if written)

    def to_json(self) -> bytes:
        """Return the payload as JSON, quantities in units."""
        return _encode(self.converted(WRITE))

    @classmethod
    def from_json(cls, state: Payload) -> Self:
        """Return the fact that :meth:`to_json` wrote.

        Raises :class:`UnreadableEvent` for a field too many or too few, and for a wrong type.
        """
        try:
            found: Self = _decoder(cls).decode(state)
            return found.converted(READ)
        except (msgspec.DecodeError, ValueError, RecursionError) as error:
            raise UnreadableEvent(f"{cls.__name__}: {error}") from error

    def converted(self, way: Way) -> Self:
        """Return a copy with what JSON has in place of what Python keeps, or the other way."""
        copy = replace(self)
        for name, written in self._written_otherwise:
            if (value := getattr(self, name)) is not None:
                force_setattr(copy, name, written[way](value))
        return copy


def _written(kind: Any) -> Written | None:
    """Return how values of a type are written, parts of an event too."""
    if get_origin(kind) is tuple and issubclass(get_args(kind)[0], Fact):
        return Written(
            lambda parts: tuple([part.converted(WRITE) for part in parts]),
            lambda parts: tuple([part.converted(READ) for part in parts]),
        )
    return written_as(kind)


@cache
def _decoder(fact: type[Fact]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(fact)


class Event(Fact):
    """Something that happened, with the values that were decided at the time."""

    version: ClassVar[int] = 1
    topic: ClassVar[str]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.topic = f"{cls.__name__}.v{cls.version}"

    @property
    def happened_at(self) -> int | None:
        """When the event occurred, if that differs from when the command's subject occurred."""
        return None

    @property
    def sentence(self) -> str:
        """What happened, as people are told."""
        return f"{type(self).__name__}."


Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


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
        """Add the event classes that modules define, in their order, but for those of others."""
        for module in modules:
            self.register(*(
                each for each in vars(module).values()
                if isinstance(each, type) and issubclass(each, Event)
                and each.__module__ == module.__name__ and not each.__subclasses__()
            ))

    def upcast(self, old: str, new: str, upcaster: Upcaster) -> None:
        """Register the function that converts a payload of one version to the next one."""
        self._upcasters[old] = (new, upcaster)

    def read(self, topic: str, state: Payload) -> Event:
        """Return a stored payload as the current version of its event.

        Raises :class:`UnknownEvent` for a name that is in no catalogue of this program, and
        :class:`UnreadableEvent` for a payload that the event class does not accept.
        """
        while topic in self._upcasters:
            topic, upcaster = self._upcasters[topic]
            state = _encode(upcaster(msgspec.json.decode(state)))
        cls = self._classes.get(topic)
        if cls is None:
            raise UnknownEvent(
                f"The log holds an event named {topic!r}, which this version of stocktrail does "
                "not know. Open it with the version that wrote it, or a later one."
            )
        return cls.from_json(state)

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
