"""What a command or a group has done to one item, until its promises are judged at the end."""

from collections.abc import Sequence
from datetime import date

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import LineKey
from stocktrail.projections.models.causes import cause_of
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.promise_changes import Causes
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import Moved


class TouchedItem:
    """What was done to one item so far: its lines as they were, and what to peg again.

    ``own_pegs`` says that lines that wait have changed, ``all_pegs`` that what they may be pegged
    to has.
    """

    __slots__ = ("all_pegs", "before", "causes", "known", "own_pegs", "queue")

    def __init__(self, queue: Queue) -> None:
        self.queue: Queue = queue
        self.before: dict[LineKey, PromisedLine | None] = {}
        self.causes: list[Event | Moved] = []
        self.own_pegs: bool = False
        self.all_pegs: bool = False
        self.known: Causes | None = None

    def known_causes(self, of_all: Sequence[Event | Moved]) -> Causes:
        """Return in words what may have moved the item's promises, at the end."""
        if self.known is None:
            causes = map(cause_of, (*self.causes, *of_all))
            self.known = Causes(cause for cause in causes if cause is not None)
        return self.known

    def add(self, line: PromisedLine) -> None:
        """Add a line that was not there before."""
        self.before[line.key] = None
        if line.backordered:
            self.own_pegs = True
        self.queue.put(line)

    def change(self, key: LineKey, line: PromisedLine | None) -> None:
        """Replace or remove a line, and keep what it was at the beginning."""
        old = self.queue.lines.get(key)
        self.before.setdefault(key, old)
        if old is not None and old.backordered:
            self.own_pegs = True
        if line is None:
            self.queue.take_out(key)
            return
        if line.backordered:
            self.own_pegs = True
        elif line.pegs:
            line = line._replace(pegs=())
        self.queue.put(line)

    def switch(self, managed: bool) -> None:
        """Switch whether stock is managed for all lines, and have them pegged again."""
        for line in list(self.queue.lines.values()):
            if line.managed != managed:
                self.change(line.key, line._replace(managed=managed))
                self.all_pegs = True

    def peg(self, settings: Settings, today: date) -> None:
        """Peg the lines that have to be pegged again."""
        if self.all_pegs or self.own_pegs:
            for old in self.queue.peg_again(settings, today, only_lines=not self.all_pegs):
                self.before.setdefault(old.key, old)
