"""Words for scenes about what to replenish."""

import re
from datetime import timedelta
from typing import Any

from stocktrail.projections.questions.replenishment import Replenishment
from tests.projections.purchasing import DAY_0, Purchasing
from tests.projections.shop import Report


def asked(shop: Purchasing, **fields: Any) -> Report:
    """Ask what to replenish, today."""
    today = (DAY_0 + timedelta(days=shop.today)).isoformat()
    return Replenishment.model_validate({"today": today, **fields}).answer(shop.models)


def adds_up(why: str) -> float:
    """Work out what the arithmetic of a need says: its numbers, each with the sign before it."""
    terms = re.findall(r"(?:^|([+-]) )[a-z ]*(-?[0-9][0-9.]*)", why)
    return round(sum(-float(units) if sign == "-" else float(units) for sign, units in terms), 4)
