"""What a command or a group has done to one item, until its promises are judged at the end."""

from collections.abc import Sequence
from datetime import date

from stocktrail.ledger.base.event import Event
from stocktrail.ledger.settings import Settings
from stocktrail.ledger.stock.open_lines import LineKey, QueueKey
from stocktrail.projections.models.causes import cause_of
from stocktrail.projections.models.open_lines import Queue
from stocktrail.projections.models.promise_changes import Causes
from stocktrail.projections.models.promised_lines import PromisedLine
from stocktrail.projections.models.purchase_orders import Moved


class TouchedItem:
    """What was done to one item so far: its lines as they were, and where to peg."""

    __slots__ = ("all_pegs", "before", "causes", "known", "pegs_from", "queue")

    def __init__(self, queue: Queue) -> None:
        self.queue = queue
        self.before: dict[LineKey, PromisedLine | None] = {}
        self.causes: list[Event | Moved] = []
        self.pegs_from: QueueKey | None = None
        self.all_pegs = False
        self.known: Causes | None = None

    def move(self, place: QueueKey) -> None:
        """Have lines pegged again from a place in the queue on, or from an earlier one."""
        if self.pegs_from is None or place < self.pegs_from:
            self.pegs_from = place

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
            self.move(line.queue_key)
        self.queue.put(line)

    def change(self, key: LineKey, line: PromisedLine | None) -> None:
        """Replace or remove a line, and keep what it was at the beginning."""
        old = self.queue.lines.get(key)
        self.before.setdefault(key, old)
        if old is not None and old.backordered:
            self.move(old.queue_key)
        if line is None:
            self.queue.take_out(key)
            return
        if line.backordered:
            self.move(line.queue_key)
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
        start = None if self.all_pegs else self.pegs_from
        for old in self.queue.peg_again(settings, today, start):
            self.before.setdefault(old.key, old)
