"""What is drawn by chance: items and customers by popularity, and when things happen."""

import random
from bisect import bisect
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import accumulate


def zipf(count: int, exponent: float) -> list[float]:
    """Return the running sums of the weights of so many things, the most popular first.

    The weight of the n-th is 1 / n ** exponent (Zipf's law).

    >>> zipf(3, 1.0)
    [1.0, 1.5, 1.8333333333333333]
    """
    return list(accumulate(1 / (rank + 1) ** exponent for rank in range(count)))


class Chance(random.Random):
    """Chance that repeats: the same seed draws the same."""

    def draw(self, sums: Sequence[float]) -> int:
        """Draw one of several things by the running sums of their weights."""
        return min(bisect(sums, self.random() * sums[-1]), len(sums) - 1)

    def later(self, when: datetime, fewest: int, most: int) -> datetime:
        """Draw a working hour between so many days later, and not before ten minutes later."""
        day = when + timedelta(days=self.randint(fewest, most))
        day = day.replace(hour=8, minute=0, second=0)
        return max(day + timedelta(minutes=self.randrange(600)), when + timedelta(minutes=10))


def season(chance: Chance, start: datetime, days: int, orders: int) -> list[datetime]:
    """Draw when orders are placed: less at weekends, twice as much before Christmas, by day."""
    weights = []
    of_weekday = (1.0, 1.1, 1.0, 1.0, 1.2, 0.7, 0.5)
    for number in range(days):
        day = start + timedelta(days=number)
        is_busy = day.month == 12 or (day.month == 11 and day.day > 20)
        weights.append(of_weekday[day.weekday()] * (2.0 if is_busy else 1.0))
    sums = list(accumulate(weights))
    return sorted(
        start + timedelta(days=chance.draw(sums)) + timedelta(
            seconds=int(6 * 3600 + chance.betavariate(2, 2) * 17 * 3600)
        )
        for _ in range(orders)
    )
