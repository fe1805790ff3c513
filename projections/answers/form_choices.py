"""Choices of a form: what a field may hold, and where there is much of it, by part of it."""

from typing import Literal, NamedTuple, get_args

from stocktrail.projections.answers.search.matches import SearchOfNumbers
from stocktrail.projections.answers.search.searched_text import SearchedText
from stocktrail.projections.models.setting_levels import load_settings
from stocktrail.projections.read_models import ReadModels

TypedKind = Literal["item", "customer", "vendor", "order", "purchase_order"]
TYPED = frozenset(get_args(TypedKind))
"""What there may be too much of to list: it is found by a part of its number or its name."""

MOST_FOUND = 20
"""How many choices a part of a number or a name gives: those that match best, the latest first."""

MOST_LISTED = 200
"""From how many on sources and pools are typed too."""


class Choice(NamedTuple):
    """What a field may hold, and what is said of it."""

    value: str
    label: str


def found_choices(models: ReadModels, kind: TypedKind, text: str) -> list[Choice]:
    """Return what matches a text best, without a text nothing."""
    wanted = SearchedText(text)
    if not wanted.words:
        return []
    with models.reading() as reading:
        found = SearchOfNumbers(reading, wanted, reading.position).of(kind, MOST_FOUND)
    return [Choice(each.key, each.name or each.belongs_to or "") for each in found[:MOST_FOUND]]


def listed_choices(models: ReadModels) -> dict[str, list[str]]:
    """Return the sources and the pools of the ledger, each in order; none where they are many."""
    with models.reading() as reading:
        settings = load_settings(reading.place, reading.cursor)
    every = {"source": sorted(settings.sources), "pool": sorted(settings.pools)}
    return {kind: names if len(names) <= MOST_LISTED else [] for kind, names in every.items()}
