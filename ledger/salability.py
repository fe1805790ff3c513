"""Salable quantity: what may still be sold of an item in a pool, and why not more.

    supply   = allocated + free
    demand   = sum of remaining over the pool's open sales lines
    salable  = supply - demand - effective_threshold

Whether an item may be sold is judged once, by :func:`judge`. Every channel reads the same
:class:`Verdict`: orders, dry runs, availability, the storefront, stock views, low stock and
explanations. Quantities are in ten-thousandths throughout. Rules 2.1 to 2.6
are the source.
"""

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any, NamedTuple

from stocktrail.ledger.configuration import Backorders, Policy
from stocktrail.ledger.product import UNDESCRIBED, Product
from stocktrail.ledger.quantity import CACHED, SCALE, to_number, to_text
from stocktrail.ledger.refusal import Refusal


class Figures(NamedTuple):
    """What is known of an item in a pool before any setting is looked at.

    ``assigned``: a source of the pool, enabled or not, carries the item; ``sellable``: one of them
    is enabled and in stock there; ``carried``: any source at all carries it. ``supply``, ``demand``
    and ``allocated`` count units; ``product`` is the item itself.
    """

    assigned: bool
    sellable: bool
    supply: int
    demand: int
    allocated: int
    carried: bool = True
    product: Product = UNDESCRIBED

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


def allowance_of(policy: Policy) -> Allowance:
    """Return the effective threshold under a policy."""
    return effective_threshold(policy.out_of_stock_threshold.value, policy.backorders.value)


# ------------------------------------------------------------------ the verdict


class Reason(Enum):
    """Why nothing of an item may be sold in a pool, in the order in which they are looked at.

    Each has its ``code``; the sentence of the ``refusal`` of a request; its ``explanation``, empty
    where the arithmetic explains it; and the storefront's ``message``. ``{sku}``, ``{pool}``,
    ``{policy}`` and ``{product}`` are filled in, the last two in an explanation too.
    """

    NOT_ASSIGNED = (
        "not_assigned_to_pool",
        "No source of pool {pool} carries {sku}. Receive it at one of them first, or choose "
        "another pool.",
        "An item that no source of the pool carries is not salable there.",
    )
    NO_SOURCE_IN_STOCK = (
        "no_source_in_stock",
        "No enabled source of pool {pool} has {sku} in stock.",
        "No source of the pool can be sold from, so the salable quantity is 0.",
    )
    SOLD_OUT = (
        "not_enough_salable",
        "{most} of {sku} may still be sold in pool {pool}; {quantity} were asked for.",
        "",
    )

    def __init__(
        self, code: str, refusal: str, explanation: str, message: str = "Out of Stock"
    ) -> None:
        self.code = code
        self.refusal = refusal
        self.explanation = explanation
        self.message = message


class Verdict(NamedTuple):
    """Whether an item may be sold in a pool, why not, and how much of it.

    ``reason`` is ``None`` where some of it may be sold. ``most`` is the largest quantity that a
    request may ask for, ``None`` where nothing limits it. ``salable_quantity`` is what is reported:
    it goes below zero with backorders. Stock of an item is counted where it is ``managed``.
    ``figures`` and ``policy`` are what was judged.
    """

    reason: Reason | None
    salable_quantity: int
    most: int | None
    managed: bool
    figures: Figures
    policy: Policy

    @property
    def is_salable(self) -> bool:
        """Whether any unit may be sold."""
        return self.reason is None

    @property
    def unlimited(self) -> bool:
        """Whether any quantity may be sold."""
        return self.most is None

    @property
    def is_counted(self) -> bool:
        """Whether there is a salable quantity to speak of: managed, and carried for the pool."""
        return self.figures.assigned and self.managed

    @property
    def explanation(self) -> str:
        """Why nothing may be sold; empty where something may, or the arithmetic says why not."""
        if self.reason is None:
            return ""
        return self.reason.explanation.format(policy=self.policy, product=self.figures.product)

    @property
    def message(self) -> str:
        """What the storefront says (rule 2.6)."""
        if self.reason is not None:
            return self.reason.message
        if not self.managed:
            return "In Stock"
        if self.most is not None and self.most <= self.policy.only_x_left_threshold.value:
            return f"Only {to_text(self.most)} left"
        if self.policy.backorders.value == "allow_and_notify" and self.backordered_of(SCALE):
            return "Available on backorder"
        return "In Stock"

    def backordered_of(self, quantity: int) -> int:
        """Count the units of a request that would wait; none while stock is not managed."""
        if not self.managed:
            return 0
        return backordered_quantity(quantity, self.figures.supply, self.figures.demand)


def judge(figures: Figures, policy: Policy) -> Verdict:
    """Judge whether an item may be sold in a pool, and how much of it (rule 2.1).

    In this order: not sold in the pool; stock not managed; no sellable source; unlimited
    backorders; else salable while the salable quantity is above zero. An item that is not managed
    needs no source (rule 2.4): where none at all carries it, every pool sells it.
    """
    managed = policy.manage_stock.value == "on"
    if not figures.assigned and (managed or figures.carried):
        return Verdict(Reason.NOT_ASSIGNED, 0, 0, managed, figures, policy)
    if managed and not figures.sellable:
        return Verdict(Reason.NO_SOURCE_IN_STOCK, 0, 0, managed, figures, policy)
    threshold, unlimited, _ = effective_threshold(
        policy.out_of_stock_threshold.value, policy.backorders.value
    )
    left = figures.supply - figures.demand - threshold
    if unlimited or not managed:
        return Verdict(None, left, None, managed, figures, policy)
    if left <= 0:
        return Verdict(Reason.SOLD_OUT, left, 0, managed, figures, policy)
    return Verdict(None, left, left, managed, figures, policy)


def backordered_quantity(quantity: int, supply: int, demand: int) -> int:
    """Count the units of a new line that would wait (rule 2.5).

    A line pays only for its own shortage, never for that of the customers before it.

    >>> backordered_quantity(15, supply=10, demand=0)
    5
    >>> backordered_quantity(5, supply=0, demand=5)
    5
    """
    return min(max(quantity - (supply - demand), 0), quantity)


def backorder_message(sku: str, backordered: int, policy: Policy) -> str | None:
    """Return the customer's message about backordered units, when the policy is to notify."""
    if backordered <= 0 or policy.backorders.value != "allow_and_notify":
        return None
    return f"{to_text(backordered)} of {sku} will be backordered and shipped later."


# ------------------------------------------------------------------ the check of a request


def check_request(
    sku: str, pool: str, quantity: int, verdict: Verdict, *, parts: Sequence[int] = ()
) -> list[Refusal]:
    """List each part of rule 2.4 that a request for a quantity fails, in their order.

    An item that is not sold in the pool fails that alone, and only when nothing else fails is the
    salable quantity looked at. ``parts`` are the quantities of the lines that ask together: their
    sum is judged, but half units that add up to whole ones are refused all the same where the item
    comes in whole units only.
    """
    reason, most = verdict.reason, verdict.most
    if reason is Reason.NOT_ASSIGNED:
        return [_not_sold(sku, pool, verdict, reason)]
    refusals = _failed_quantity_rules(sku, quantity, verdict.policy)
    if not verdict.figures.product.decimal:
        fraction = quantity if quantity % SCALE else _first_fraction(parts)
        if fraction:
            refusals.append(decimal_not_allowed(sku, fraction))
    if reason is not None and reason is not Reason.SOLD_OUT:
        refusals.append(_not_sold(sku, pool, verdict, reason))
    if refusals or most is None or quantity <= most:
        return refusals
    return [_too_many(sku, pool, quantity, verdict)]


def _first_fraction(parts: Sequence[int]) -> int:
    return next((part for part in parts if part % SCALE), 0) if len(parts) > 1 else 0


def decimal_not_allowed(sku: str, quantity: int) -> Refusal:
    """Refuse a fraction of an item that exists in whole units only."""
    return Refusal(
        "decimal_not_allowed",
        f"{sku} comes in whole units only; {to_text(quantity)} is not a whole number.",
        sku=sku, quantity=to_number(quantity),
    )


def _not_sold(sku: str, pool: str, verdict: Verdict, reason: Reason) -> Refusal:
    sentence = reason.refusal.format(
        sku=sku, pool=pool, policy=verdict.policy, product=verdict.figures.product
    )
    return Refusal(reason.code, sentence, sku=sku, pool=pool)


def _too_many(sku: str, pool: str, quantity: int, verdict: Verdict) -> Refusal:
    most, reason = verdict.most or 0, Reason.SOLD_OUT
    return Refusal(
        reason.code,
        reason.refusal.format(
            most=f"Only {to_text(most)}" if most else "Nothing", sku=sku, pool=pool,
            quantity=to_text(quantity),
        ),
        sku=sku, pool=pool, quantity=to_number(quantity),
        salable_quantity=to_number(verdict.salable_quantity),
        shortfall=to_number(quantity - most),
    )


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
