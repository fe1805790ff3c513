"""What may be sold of an item in a pool, kept from one reservation to the next."""

from math import lcm

from stocktrail.ledger.configuration import Policy
from stocktrail.ledger.quantity import LIMIT, SCALE
from stocktrail.ledger.salability import Verdict
from stocktrail.ledger.settings import Settings

_NO_LIMIT = 2 * LIMIT
"""More than all open lines and one more can want together."""


class KeptFigures:
    """The verdict of the rules about an item in a pool, while nothing but reservations happens.

    It decides nothing: a quantity that it does not plainly allow is judged again, by the rules that
    name each refusal. A reservation in the pool changes what is wanted and allocated there, but
    neither the supply nor how much may be wanted. Everything else that happens to the item makes it
    forget them, and they do not hold for another pool or for other settings. Copies of an item and
    its snapshots begin without.

    While stock is not ``managed`` the ``supply`` has no limit. To judge a line takes 0.2 instead of
    3.1 us, an order of three lines 16 instead of 29 us (``python -m benchmarks.fast_paths kept``,
    2026-11-30).
    """

    __slots__ = (
        "_least", "_most", "_most_wanted", "_step", "managed", "policy", "pool", "settings",
        "settings_version", "supply",
    )

    def __init__(
        self, pool: str, settings: Settings, verdict: Verdict, wanted_elsewhere: int,
        *, exists: bool,
    ) -> None:
        figures, policy = verdict.figures, verdict.policy
        self.pool: str = pool
        self.settings: Settings = settings
        self.settings_version: int = settings.version
        self.policy: Policy = policy
        self.managed: bool = verdict.managed
        self.supply: int = figures.supply if verdict.managed else _NO_LIMIT
        self._most_wanted = LIMIT - 1 - wanted_elsewhere if verdict.managed else _NO_LIMIT
        if verdict.most is not None:
            self._most_wanted = min(self._most_wanted, figures.demand + verdict.most)
        if verdict.reason is not None or not exists:
            self._most_wanted = -1
        self._least = policy.min_sale_quantity.value
        self._most = policy.max_sale_quantity.value or LIMIT - 1
        smallest = 1 if figures.product.decimal else SCALE
        self._step = lcm(policy.quantity_increment.value or 1, smallest)

    def allow(self, quantity: int, demand: int) -> bool:
        """Return whether one more line may ask for a quantity: no rule refuses it.

        ``demand`` is what the lines want that are open in the pool.
        """
        return (
            self._least <= quantity <= self._most and demand + quantity <= self._most_wanted
            and not quantity % self._step
        )
