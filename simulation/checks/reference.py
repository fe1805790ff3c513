"""The reference: a plain shop that takes every command of the log in its order, and must agree."""

from copy import deepcopy
from datetime import UTC, date, datetime
from decimal import Decimal

from simulation.checks.raw_rows import RawRow
from simulation.checks.violation import require
from simulation.workload import Row
from tests.reference.counter import Counter
from tests.reference.shop import Known, PlainShop, Refused

CHECK = "reference shop"
OPENED = date(2026, 3, 1)
_SCALE = 10_000


class Reference:
    """The plain shop at a position of the log.

    ``touched`` holds the items that have changed since somebody last asked.
    """

    def __init__(self) -> None:
        self.shop = PlainShop()
        self.counter = Counter(self.shop, OPENED)
        self.position = 0
        self.touched: set[str] = set()

    def take(self, recorded: RawRow, row: Row) -> None:
        """Take a command that was accepted; the shop must accept it too."""
        self._at(recorded.occurred_at)
        try:
            self.counter.take(row)
        except Refused as refused:
            require(False, CHECK, f"{row} was accepted, but must be refused with {refused.codes}")
        except Known:
            require(False, CHECK, f"{row} was recorded again, though it was known before")
        self.touched.update(
            event["stream"].partition("/")[2] for event in recorded.events
            if event["stream"].startswith("stock/")
        )
        if recorded.events:
            self.position = recorded.last_position

    def require_known(self, row: Row) -> None:
        """Require that a command tells nothing new, because its group was recorded without it."""
        try:
            self.counter.take(row)
        except Known:
            return
        except Refused as refused:
            require(False, CHECK, f"{row} fails with {refused.codes}, its group was recorded")
        require(False, CHECK, f"{row} was left out of its group")

    def judge(self, row: Row, at: int, *, code: str | None, before: list[Row]) -> None:
        """Judge a command that was refused with a code, after those ``before`` it in its group."""
        self._at(at)
        # What the shop refuses changes nothing in it, so that only a group needs a copy.
        trial = deepcopy(self.counter) if before else self.counter
        for each in before:
            try:
                trial.take(each)
            except Known:
                continue
            except Refused as refused:
                require(False, CHECK, f"{each} went before {row}, but is refused: {refused.codes}")
        try:
            trial.take(row)
        except Refused as refused:
            require(
                code in refused.codes, CHECK,
                f"{row} was refused with {code}, the shop refuses it with {refused.codes}",
            )
            return
        except Known:
            pass
        require(False, CHECK, f"{row} was refused with {code}, but may be accepted")

    def _at(self, instant: int) -> None:
        self.counter.today = datetime.fromtimestamp(instant / 1_000_000, UTC).date()


def exact(quantity: int) -> Decimal:
    """Turn ten-thousandths into units.

    >>> exact(25_000)
    Decimal('2.5')
    """
    return Decimal(quantity) / _SCALE
