"""Settings and their levels, and what follows for a sale: rules 2.2 to 2.6 and section 3."""

from decimal import Decimal
from typing import Any, NamedTuple

DEFAULTS: dict[str, Any] = {
    "backorders": "no", "out_of_stock_threshold": Decimal(0), "only_x_left_threshold": Decimal(0),
    "notify_below": Decimal(1), "manage_stock": "on", "min_sale_quantity": Decimal(1),
    "max_sale_quantity": Decimal(10000), "quantity_increment": Decimal(0),
}

Where = tuple[str | None, str | None, str | None]
"""SKU, pool, source: what a value is set for."""


class Levels:
    """Every value that was set, by setting and what it was set for."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, Where], Any] = {}

    def change(self, setting: str, where: Where, value: Any) -> None:
        """Set a value, or remove it with ``inherit``."""
        if value == "inherit":
            self.values.pop((setting, where), None)
        else:
            self.values[setting, where] = value

    def find(self, setting: str, sku: str, pool: str) -> tuple[Any, str]:
        """Return the value that holds for an item in a pool, and the level that gave it."""
        levels: list[tuple[str, Where]] = [
            ("product_in_pool", (sku, pool, None)), ("product", (sku, None, None)),
            ("pool", (None, pool, None)), ("global", (None, None, None)),
        ]
        for level, where in levels:
            if (setting, where) in self.values:
                return self.values[setting, where], level
        return DEFAULTS[setting], "default"

    def value(self, setting: str, sku: str, pool: str) -> Any:
        """Return the value that holds for an item in a pool."""
        return self.find(setting, sku, pool)[0]


class Standing(NamedTuple):
    """How an item stands in a pool."""

    assigned: bool
    sellable: bool
    supply: Decimal
    demand: Decimal
    allocated: Decimal
    carried: bool

    @property
    def backordered(self) -> Decimal:
        """Units that lines wait for."""
        return self.demand - self.allocated


class Verdict(NamedTuple):
    """What may still be sold, and what the storefront says."""

    salable: Decimal
    unlimited: bool
    is_salable: bool
    message: str


def threshold(levels: Levels, sku: str, pool: str) -> tuple[Decimal, bool]:
    """Return the effective threshold, and whether backorders are unlimited (the table of 2.2)."""
    stored = levels.value("out_of_stock_threshold", sku, pool)
    if levels.value("backorders", sku, pool) == "no":
        return (stored if stored > 0 else Decimal(0)), False
    return (stored if stored < 0 else Decimal(0)), stored >= 0


def verdict(levels: Levels, sku: str, pool: str, standing: Standing) -> Verdict:
    """Judge an item in a pool, in the order of 2.1, with the message of 2.6."""
    kept, unlimited = threshold(levels, sku, pool)
    salable = standing.supply - standing.demand - kept
    managed = levels.value("manage_stock", sku, pool) == "on"
    if not standing.assigned and (managed or standing.carried):
        return Verdict(Decimal(0), False, False, "Out of Stock")
    if not managed:
        return Verdict(salable, True, True, "In Stock")
    if not standing.sellable:
        return Verdict(Decimal(0), False, False, "Out of Stock")
    if not unlimited and salable <= 0:
        return Verdict(salable, False, False, "Out of Stock")
    few = levels.value("only_x_left_threshold", sku, pool)
    if not unlimited and few > 0 and salable <= few:
        return Verdict(salable, False, True, f"Only {plain(salable)} left")
    notifies = levels.value("backorders", sku, pool) == "allow_and_notify"
    if notifies and standing.supply - standing.demand < 1:
        return Verdict(salable, unlimited, True, "Available on backorder")
    return Verdict(salable, unlimited, True, "In Stock")


def failures(
    levels: Levels, sku: str, pool: str, standing: Standing, parts: list[Decimal], decimal: bool
) -> list[str]:
    """List the codes that a request for these quantities of one item fails with (rule 2.4)."""
    managed = levels.value("manage_stock", sku, pool) == "on"
    if not standing.assigned and (managed or standing.carried):
        return ["not_assigned_to_pool"]
    quantity = sum(parts, Decimal(0))
    failed = []
    least = levels.value("min_sale_quantity", sku, pool)
    most = levels.value("max_sale_quantity", sku, pool)
    step = levels.value("quantity_increment", sku, pool)
    if least and quantity < least:
        failed.append("min_sale_quantity")
    if most and quantity > most:
        failed.append("max_sale_quantity")
    if step and quantity % step:
        failed.append("quantity_increment")
    if not decimal and any(part % 1 for part in parts):
        failed.append("decimal_not_allowed")
    if managed and not standing.sellable:
        failed.append("no_source_in_stock")
    if failed or not managed:
        return failed
    found = verdict(levels, sku, pool, standing)
    if found.unlimited or found.salable >= quantity:
        return []
    return ["not_enough_salable"]


def plain(units: Decimal) -> str:
    """Write units without zeros that say nothing."""
    text = f"{units:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
