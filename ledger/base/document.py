"""Documents: aggregates whose parts carry business ids, such as the shipments of an order.

Rule 4.12 is the source.
"""

from typing import Any

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.decision import AlreadyRecorded
from stocktrail.ledger.refusal import Refusal


class Document(Aggregate):
    """An order or a purchase order, with the content of all that was recorded under an id.

    ``contents`` keeps, for ``order``, ``shipment/ID``, ``refund/ID`` and so on, the digest of what
    was asked for and the stream version at which it was recorded.
    """

    __slots__ = ("contents",)

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.contents: dict[str, tuple[str, int]] = {}

    def require_new(self, what: str, content: str, *earlier: str) -> None:
        """Refuse a business id that is known with another content (``already_exists``).

        Raises :class:`~stocktrail.ledger.base.decision.AlreadyRecorded` when it is known with this
        one, or with one of those that ``earlier`` versions gave to the same request.
        """
        if what not in self.contents:
            return
        known, version = self.contents[what]
        if known == content or known in earlier:
            raise AlreadyRecorded(self.id, version)
        kind, _, key = what.partition("/")
        whole = self.category.replace("-", " ")
        named = f"{kind} {key} of {whole} {self.key}" if key else f"{whole} {self.key}"
        details: dict[str, Any] = {kind: key} if key else {}
        raise Refusal(
            "already_exists",
            f"{named[:1].upper()}{named[1:]} is known already, with another content. Use a new id "
            "for something new.",
            **{self.category.replace("-", "_"): self.key}, **details,
        )
