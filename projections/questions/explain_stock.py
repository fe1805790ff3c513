"""Why an item's salable quantity is what it is: the events, the settings, and the arithmetic.

Rule 7.2 is the source.
"""

from heapq import merge
from itertools import islice
from operator import attrgetter
from typing import Any, ClassVar

from stocktrail.ledger.base.aggregate import RecordedEvent
from stocktrail.ledger.configuration import Policy, Resolved, SettingChanged
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.salability import Allowance, Figures, Verdict, allowance_of
from stocktrail.ledger.settings import (
    SETTINGS_KEY,
    PoolDefined,
    Settings,
    SourceDisabled,
    SourceEnabled,
)
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.projections.answers.item_as_of import ItemAsOf, load_item_as_of
from stocktrail.projections.answers.item_events import ItemEvents
from stocktrail.projections.answers.narrative import LEVELS, event_with_sentence
from stocktrail.projections.answers.shapes.events import ToldEvent
from stocktrail.projections.answers.shapes.settings import PolicyReport
from stocktrail.projections.answers.shapes.shape import Number, Position, Shape
from stocktrail.projections.as_of.opening import open_as_of
from stocktrail.projections.models.low_stock import judge_pool
from stocktrail.projections.questions.fields import Sku
from stocktrail.projections.questions.question import (
    AsOf,
    Example,
    InPool,
    LatestEventsFirst,
    Question,
    Report,
)
from stocktrail.projections.questions.stock import StockReport, assemble
from stocktrail.projections.read_models import ReadModels


class StockArithmetic(Shape):
    """The numbers that lead to the salable quantity."""

    allocated: Number
    free: Number
    supply: Number
    demand: Number
    stored_threshold: Number
    effective_threshold: Number
    threshold_ignored: bool
    salable_quantity: Number


class StockExplanation(Shape):
    """Why an item's salable quantity is what it is."""

    sku: str
    pool: str
    as_of: Position
    sentences: list[str]
    arithmetic: StockArithmetic
    settings: PolicyReport
    stock: StockReport
    earlier_events: int
    next: Position | None
    events: list[ToldEvent]


class ExplainStock(AsOf, LatestEventsFirst, InPool, Question[StockExplanation]):
    """Why an item's salable quantity is what it is."""

    question: ClassVar[str] = "explain-stock"
    address: ClassVar[str | None] = "/explain/stock/{sku}"
    tag: ClassVar[str] = "explanations"
    table: ClassVar[str] = "events"
    example: ClassVar[Example] = {"sku": "LAMP", "pool": "web", "last": 1}

    sku: Sku

    def answer(self, models: ReadModels) -> Report:
        """Explain it; refuses an unknown item, pool or position."""
        return explain_stock(
            models, self.sku, self.pool, self.position(models), last=self.last, before=self.before
        )


def explain_stock(
    models: ReadModels,
    sku: str,
    pool: str = "default",
    as_of: int | None = None,
    last: int | None = None,
    before: int | None = None,
) -> dict[str, Any]:
    """Explain the stock of an item in a pool, now or as of a position.

    ``sentences`` lead from what is on hand to what may be sold; ``arithmetic`` holds the same
    numbers; ``settings`` say which level gave each value; ``events`` are those that touched the
    item, its sources and its pool: all, or the ``last`` so many, of those ``before`` a position.
    ``earlier_events`` counts those that came before them, and ``next`` is what leads to them, given
    as ``before``. Refuses an unknown item, pool or position.
    """
    known = load_item_as_of(models, sku, pool, as_of)
    verdict = known.stock.verdict(known.settings, pool)
    figures, policy = verdict.figures, verdict.policy
    allowance = allowance_of(policy)
    shown, earlier = _events(models, known, pool, as_of, last, before)
    return {
        "sku": sku,
        "pool": pool,
        "as_of": known.position,
        "sentences": [
            *_units(known.stock, known.settings, pool, figures),
            *_policy(policy, allowance),
            *_conclusion(known, pool, verdict, allowance),
        ],
        "arithmetic": _arithmetic(verdict, allowance),
        "settings": policy.as_json(),
        "stock": assemble(known.stock, known.settings, pool, known.position),
        "earlier_events": earlier,
        "next": shown[0].position if earlier and shown else None,
        "events": [event_with_sentence(recorded) for recorded in shown],
    }


def _events(
    models: ReadModels, known: ItemAsOf, pool: str, as_of: int | None, last: int | None,
    before: int | None,
) -> tuple[list[RecordedEvent], int]:
    """Return the latest events before a position, and how many came before them."""
    ledger = models.ledger
    until = known.position if before is None else min(known.position, before - 1)
    sources = {*known.stock.on_hand, *known.settings.sources_of(pool)}
    settings = [
        recorded
        for recorded in ledger.read_stream(
            Settings.stream_of(SETTINGS_KEY), until=until
        )
        if concerns(recorded, pool, sources)
    ]
    with open_as_of(models, as_of) as (reading, _):
        own = ItemEvents(ledger, reading, known.stock.key, pool, until)
        latest_first = merge(
            reversed(settings), own.latest_first(), key=attrgetter("position"), reverse=True
        )
        shown = list(islice(latest_first, last))
        return shown[::-1], len(settings) + own.count - len(shown)


def concerns(recorded: RecordedEvent, pool: str, sources: set[str]) -> bool:
    """Return whether an event of the settings is about a pool or about one of some sources."""
    event = recorded.payload
    if isinstance(event, SettingChanged):
        return event.pool in (None, pool) and (event.source is None or event.source in sources)
    if isinstance(event, PoolDefined):
        return event.pool == pool
    return isinstance(event, (SourceEnabled, SourceDisabled)) and event.source in sources


def _arithmetic(verdict: Verdict, allowance: Allowance) -> dict[str, Any]:
    figures = verdict.figures
    return {
        "allocated": to_number(figures.allocated),
        "free": to_number(figures.supply - figures.allocated),
        "supply": to_number(figures.supply),
        "demand": to_number(figures.demand),
        "stored_threshold": to_number(verdict.policy.out_of_stock_threshold.value),
        "effective_threshold": to_number(allowance.threshold),
        "threshold_ignored": allowance.ignored,
        "salable_quantity": to_number(verdict.salable_quantity),
    }


def _units(
    stock: ProductStock, settings: Settings, pool: str, figures: Figures
) -> list[str]:
    sources = settings.sources_of(pool)
    carried = [source for source in sources if source in stock.on_hand]
    if not carried:
        return [
            f"No source of pool {pool} ({', '.join(sources) or 'it has none'}) carries {stock.key}."
        ]
    places = "; ".join(
        f"{to_text(stock.on_hand[source])} at {source} ({_state(stock, settings, source)})"
        for source in carried
    )
    sentences = [f"On hand of {stock.key} at the sources of pool {pool}: {places}."]
    free = figures.supply - figures.allocated
    sentences.append(
        f"Supply is {to_text(figures.supply)}: {to_text(figures.allocated)} allocated to order "
        f"lines and {to_text(free)} free."
    )
    sellable = stock.sellable(settings)
    there = sum(sellable.get(source, 0) for source in carried)
    if there > figures.supply:
        sentences.append(
            f"Of the {to_text(there)} at sellable sources {to_text(there - figures.supply)} are "
            "allocated in other pools that share a source."
        )
    sentences.append(
        f"Demand is {to_text(figures.demand)}: what open order lines still want, of which "
        f"{to_text(figures.backordered)} are backordered."
    )
    return sentences


def _state(stock: ProductStock, settings: Settings, source: str) -> str:
    if source in settings.disabled:
        return "not sellable: the source is disabled"
    if source in stock.out_of_stock:
        return "not sellable: set out of stock"
    return "sellable"


def _from(resolved: Resolved) -> str:
    return LEVELS[resolved.level]


def _policy(policy: Policy, allowance: Allowance) -> list[str]:
    backorders, threshold = policy.backorders, policy.out_of_stock_threshold
    stored = to_text(threshold.value)
    managed = policy.manage_stock
    sentences = [f"Managing stock is {managed.value}, {_from(managed)}."]
    sentences.append(
        f"The backorder policy is {backorders.value}, {_from(backorders)}; the out-of-stock "
        f"threshold is {stored}, {_from(threshold)}."
    )
    if allowance.ignored and allowance.unlimited:
        sentences.append(
            f"The threshold {stored} is ignored: with backorders allowed a positive threshold "
            "does not limit them, so backorders are unlimited."
        )
    elif allowance.ignored:
        sentences.append(
            f"The threshold {stored} is ignored: a negative threshold counts only with backorders "
            "allowed, so the effective threshold is 0."
        )
    elif allowance.unlimited:
        sentences.append("With a threshold of 0 backorders are unlimited.")
    elif allowance.threshold < 0:
        sentences.append(
            f"At most {to_text(-allowance.threshold)} units may be backordered: the effective "
            f"threshold is {stored}."
        )
    elif allowance.threshold > 0:
        sentences.append(f"{stored} units are kept as safety stock.")
    return sentences


def _conclusion(
    known: ItemAsOf, pool: str, verdict: Verdict, allowance: Allowance
) -> list[str]:
    figures, policy = verdict.figures, verdict.policy
    terms = (
        f"supply {to_text(figures.supply)} - demand {to_text(figures.demand)} - effective "
        f"threshold {to_text(allowance.threshold)}"
    )
    if verdict.explanation:
        sentences = [verdict.explanation]
    elif not verdict.managed:
        sentences = ["Stock is not managed, so any quantity may be sold."]
    else:
        sentences = [f"Salable quantity = {terms} = {to_text(verdict.salable_quantity)}."]
        if verdict.unlimited:
            sentences.append("It limits nothing: backorders are unlimited.")
    sentences.append(f"The storefront says: {verdict.message}.")
    if verdict.message.startswith("Only "):
        left = policy.only_x_left_threshold
        sentences[-1] += f" (It does from {to_text(left.value)} downwards, {_from(left)}.)"
    judgement = judge_pool(known.stock, known.settings, pool)
    if judgement is not None:
        compared = "at or below" if judgement.is_low else "above"
        found = "low" if judgement.is_low else "not low"
        sentences.append(
            f"Stock is {found}: the salable quantity {to_text(judgement.basis)} is {compared} "
            f"{to_text(judgement.threshold)} (notify below, {_from(policy.notify_below)})."
        )
    return sentences
