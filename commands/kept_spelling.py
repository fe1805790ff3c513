"""Kept spellings: what an earlier version kept decomposed (NFD) is meant by the composed id.

Commands are written with composed ids only. Where the ledger knows none under such an id, but one
under its decomposed form, the command is about that one: it can go on being used as it is kept.
"""

import re
from typing import Any, TypeVar, cast

from pydantic import BaseModel

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.customer import Customer
from stocktrail.ledger.orders.state import Order
from stocktrail.ledger.purchase_orders.state import PurchaseOrder
from stocktrail.ledger.spelling import ID_PATTERN, composed, known_spelling
from stocktrail.ledger.stock.state import ProductStock
from stocktrail.ledger.store.engine.unit_of_work import UnitOfWork
from stocktrail.ledger.webhook import Webhook

Model = TypeVar("Model", bound=BaseModel)

_AGGREGATES: dict[str, type[Aggregate]] = {
    "sku": ProductStock, "order": Order, "from_order": Order, "to_order": Order,
    "purchase_order": PurchaseOrder, "customer": Customer, "webhook": Webhook,
}
_IS_ID = re.compile(ID_PATTERN).match
_SOURCES = ("source", "from_source", "to_source", "sources")


def as_recorded(model: type[Model], fields: dict[str, Any]) -> Model:
    """Make a command of the log again, with its texts as they were taken then.

    Ids that are invalid now, or not composed, stand aside while the rest is checked.
    """
    aside: dict[str, str] = {}

    def away(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: away(each) for name, each in value.items()}
        if isinstance(value, list):
            return [away(each) for each in value]
        if not isinstance(value, str) or (_IS_ID(value) and composed(value) == value):
            return value
        stands_in = f"\ue000{len(aside)}"
        aside[stands_in] = value
        return stands_in

    def back(value: Any) -> Any:
        if isinstance(value, BaseModel):
            found = {name: back(getattr(value, name)) for name in value.model_fields_set}
            return value.model_copy(update=found)
        if isinstance(value, dict):
            return {name: back(each) for name, each in value.items()}
        if isinstance(value, list):
            return [back(each) for each in value]
        return aside.get(value, value) if isinstance(value, str) else value

    found = model.model_validate(away(fields))
    return cast(Model, back(found)) if aside else found


def as_kept(part: Model, work: UnitOfWork) -> Model:
    """Return a command, or a part of one, with every id in the spelling that the ledger keeps."""
    found: dict[str, Any] = {}
    for name in part.model_fields_set:
        value = getattr(part, name)
        kept = _kept(name, value, work)
        if kept != value:
            found[name] = kept
    return part.model_copy(update=found) if found else part


def _kept(name: str, value: Any, work: UnitOfWork) -> Any:
    if isinstance(value, (list, tuple)):
        return [_kept(name, each, work) for each in value]
    if isinstance(value, BaseModel):
        return as_kept(value, work)
    if not isinstance(value, str):
        return value
    if name in _AGGREGATES:
        stream_of = _AGGREGATES[name].stream_of
        return known_spelling(value, lambda text: work.has(stream_of(text)))
    if name in _SOURCES:
        return known_spelling(value, work.settings().sources.__contains__)
    if name == "pool":
        return known_spelling(value, work.settings().pools.__contains__)
    return value
