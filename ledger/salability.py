"""Salable quantity: what may still be sold of an item in a pool, and why not more.

    supply   = allocated + free
    demand   = sum of remaining over the pool's open sales lines
    salable  = supply - demand - effective_threshold

Every channel asks here: orders, availability, stock views, notices, explanations. Quantities are in
ten-thousandths throughout. Sections 2.1 to 2.6 of the domain rules are the source.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from stocktrail.ledger.configuration import Backorders, Policy
from stocktrail.ledger.quantity import CACHED, SCALE, to_number, to_text
from stocktrail.ledger.refusal import Refusal


class Figures(NamedTuple):
    """What is known of an item in a pool before any setting is looked at.

    ``assigned``: a source of the pool, enabled or not, carries the item; ``sellable``: one of them
    is enabled and in stock there; ``carried``: any source at all carries it. ``supply``, ``demand``
    and ``allocated`` count units.
    """

    assigned: bool
    sellable: bool
    supply: int
    demand: int
    allocated: int
    carried: bool = True

    @property
    def backordered(self) -> int:
        """Units that open lines wait for: never negative."""
        return self.demand - self.allocated


class Allowance(NamedTuple):
    """The effective out-of-stock threshold, and whether backorders are unlimited."""

    threshold: int
    unlimited: bool
    ignored: bool


@lru_cache(CACHED)
def effective_threshold(stored: int, backorders: Backorders) -> Allowance:
    """Apply the backorder policy to the stored out-of-stock threshold (rule 2.2).

    Positive without backorders is safety stock and negative with backorders is how many units may
    be backordered; zero with backorders, and a positive one with them, mean no limit at all.

    >>> effective_threshold(50, "no"), effective_threshold(-50, "allow")
    (Allowance(threshold=50, unlimited=False, ignored=False), \
Allowance(threshold=-50, unlimited=False, ignored=False))
    >>> effective_threshold(50, "allow")
    Allowance(threshold=0, unlimited=True, ignored=True)
    >>> effective_threshold(-50, "no")
    Allowance(threshold=0, unlimited=False, ignored=True)
    """
    if backorders == "no":
        return Allowance(max(stored, 0), False, stored < 0)
    return Allowance(min(stored, 0), stored >= 0, stored > 0)


class Salability(NamedTuple):
    """The answer for an item in a pool: how much, whether at all, and what the shop says."""

    salable_quantity: int
    unlimited: bool
    is_salable: bool
    message: str


def what_is_left(figures: Figures, policy: Policy) -> tuple[int, bool]:
    """Count what may still be sold before the threshold is reached, and say if that limits at all.

    Supply less demand less the effective threshold (rule 2.1), of an item that has a source and
    is managed.
    """
    threshold, unlimited, _ = effective_threshold(
        policy.out_of_stock_threshold.value, policy.backorders.value
    )
    return figures.supply - figures.demand - threshold, unlimited


def is_sold_in_pool(figures: Figures, policy: Policy) -> bool:
    """Return whether an item belongs to a pool: a source of the pool carries it.

    An item that is not managed needs no source (2.4): where none at all carries it, every pool
    sells it.
    """
    return figures.assigned or (not figures.carried and policy.manage_stock.value == "off")


def judge(figures: Figures, policy: Policy) -> Salability:
    """Decide what may still be sold and what the storefront says (rules 2.1 and 2.6).

    In this order: not sold in the pool; stock not managed; no sellable source; unlimited
    backorders; else salable while the salable quantity is above zero.
    """
    quantity, unlimited = what_is_left(figures, policy)
    if not is_sold_in_pool(figures, policy):
        return Salability(0, False, False, "Out of Stock")
    if policy.manage_stock.value == "off":
        return Salability(quantity, True, True, "In Stock")
    if not figures.sellable:
        return Salability(0, False, False, "Out of Stock")
    if not unlimited and quantity <= 0:
        return Salability(quantity, False, False, "Out of Stock")
    only_x_left = policy.only_x_left_threshold.value
    if only_x_left > 0 and 0 < quantity <= only_x_left and not unlimited:
        return Salability(quantity, False, True, f"Only {to_text(quantity)} left")
    next_unit_waits = backordered_quantity(SCALE, figures.supply, figures.demand) > 0
    if policy.backorders.value == "allow_and_notify" and next_unit_waits:
        return Salability(quantity, unlimited, True, "Available on backorder")
    return Salability(quantity, unlimited, True, "In Stock")


def backordered_quantity(quantity: int, supply: int, demand: int) -> int:
    """Count the units of a new line that would wait (rule 2.5).

    A line pays only for its own shortage, never for that of the customers before it.

    >>> backordered_quantity(15, supply=10, demand=0)
    5
    >>> backordered_quantity(5, supply=0, demand=5)
    5
    """
    return min(max(quantity - (supply - demand), 0), quantity)


def will_be_backordered(quantity: int, figures: Figures, policy: Policy) -> int:
    """Count the units of a request that would wait; none while stock is not managed."""
    if policy.manage_stock.value == "off":
        return 0
    return backordered_quantity(quantity, figures.supply, figures.demand)


def backorder_message(sku: str, backordered: int, policy: Policy) -> str | None:
    """Write the customer's message about backordered units, when the policy is to notify."""
    if backordered <= 0 or policy.backorders.value != "allow_and_notify":
        return None
    return f"{to_text(backordered)} of {sku} will be backordered and shipped later."


def not_assigned(sku: str, pool: str) -> Refusal:
    """Refuse an item that no source of the pool carries."""
    return Refusal(
        "not_assigned_to_pool",
        f"No source of pool {pool} carries {sku}. Receive it at one of them first, or choose "
        "another pool.",
        sku=sku, pool=pool,
    )


def decimal_not_allowed(sku: str, quantity: int) -> Refusal:
    """Refuse a fraction of an item that exists in whole units only."""
    return Refusal(
        "decimal_not_allowed",
        f"{sku} comes in whole units only; {to_text(quantity)} is not a whole number.",
        sku=sku, quantity=to_number(quantity),
    )


def check_request(
    sku: str,
    pool: str,
    quantity: int,
    figures: Figures,
    policy: Policy,
    *,
    decimal: bool,
    parts: Sequence[int] = (),
) -> list[Refusal]:
    """List every rule of 2.4 that a request for a quantity fails, in the order of the rules.

    Only when none of them fails is the salable quantity looked at. ``parts`` are the quantities of
    the lines that ask together: their sum is judged, but half units that add up to whole ones are
    refused all the same where the item comes in whole units only.
    """
    if not is_sold_in_pool(figures, policy):
        return [not_assigned(sku, pool)]
    refusals = _failed_quantity_rules(sku, quantity, policy)
    if not decimal:
        fractions = [part for part in (quantity, *parts) if part % SCALE]
        if fractions:
            refusals.append(decimal_not_allowed(sku, fractions[0]))
    managed = policy.manage_stock.value == "on"
    if managed and not figures.sellable:
        refusals.append(Refusal(
            "no_source_in_stock",
            f"No enabled source of pool {pool} has {sku} in stock.",
            sku=sku, pool=pool,
        ))
    if refusals or not managed:
        return refusals
    left, unlimited = what_is_left(figures, policy)
    if unlimited or left >= quantity:
        return []
    salable = max(left, 0)
    most = f"Only {to_text(salable)}" if salable else "Nothing"
    return [Refusal(
        "not_enough_salable",
        f"{most} of {sku} may still be sold in pool {pool}; {to_text(quantity)} were asked for.",
        sku=sku, pool=pool, quantity=to_number(quantity),
        salable_quantity=to_number(left),
        shortfall=to_number(quantity - salable),
    )]


def _failed_quantity_rules(sku: str, quantity: int, policy: Policy) -> list[Refusal]:
    least, most = policy.min_sale_quantity.value, policy.max_sale_quantity.value
    step = policy.quantity_increment.value
    too_few, too_many = least and quantity < least, most and quantity > most
    between = step and quantity % step
    if not (too_few or too_many or between):
        return []
    refusals: list[Refusal] = []

    def refuse(code: str, rule: str, **details: Any) -> None:
        sentence = f"{sku} is sold {rule}; {to_text(quantity)} were asked for."
        refusals.append(
            Refusal(code, sentence, sku=sku, quantity=to_number(quantity), **details)
        )

    if too_few:
        refuse("min_sale_quantity", f"from {to_text(least)} upwards",
               min_sale_quantity=to_number(least))
    if too_many:
        refuse("max_sale_quantity", f"up to {to_text(most)} at a time",
               max_sale_quantity=to_number(most))
    if between:
        refuse("quantity_increment", f"in multiples of {to_text(step)}",
               quantity_increment=to_number(step))
    return refusals
