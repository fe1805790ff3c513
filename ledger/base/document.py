"""Documents: aggregates whose parts carry business ids, such as the shipments of an order.

Rule 4.12 is the source.
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from stocktrail.ledger.base.aggregate import Aggregate
from stocktrail.ledger.base.decision import AlreadyRecorded
from stocktrail.ledger.refusal import Refusal

_UNKNOWN = {"order": "unknown_order", "purchase-order": "unknown_purchase_order"}
"""The code of the refusal of a document that was never placed, by category."""


class Document(Aggregate):
    """An order or a purchase order, with the content of all that was recorded under an id.

    ``contents`` keeps, for ``order``, ``shipment/ID``, ``refund/ID`` and so on, the digest of what
    was asked for and the stream version at which it was recorded.
    """

    __slots__ = ("contents",)

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.contents: dict[str, tuple[str, int]] = {}

    @property
    def _name(self) -> str:
        """What people call it, such as ``purchase order PO-1``."""
        return f"{self.category.replace('-', ' ')} {self.key}"

    @property
    def _detail(self) -> dict[str, Any]:
        """What a refusal names it by, such as ``purchase_order``."""
        return {self.category.replace("-", "_"): self.key}

    def require(self) -> None:
        """Refuse a document that was never placed (``unknown_order``)."""
        if not self.version:
            raise Refusal(
                _UNKNOWN[self.category],
                f"There is no {self._name}. Place it with place-{self.category} first.",
                **self._detail,
            )

    def refuse_unknown_line(self, number: int, lines: Mapping[int, object]) -> NoReturn:
        """Refuse a number that none of the document's lines has (``unknown_line``)."""
        raise Refusal(
            "unknown_line",
            f"{_capital(self._name)} has no line {number}; its lines are "
            f"{', '.join(map(str, lines))}.",
            **self._detail, line=number,
        )

    def nothing_remains(self, doing: str) -> Refusal:
        """Return the refusal to do with the rest of a document of which nothing remains."""
        return Refusal(
            "not_enough_remaining", f"Nothing of {self._name} remains to be {doing}.",
            **self._detail, remaining=0,
        )

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
        named = f"{kind} {key} of {self._name}" if key else self._name
        details: dict[str, Any] = {kind: key} if key else {}
        raise Refusal(
            "already_exists",
            f"{_capital(named)} is known already, with another content. Use a new id "
            "for something new.",
            **self._detail, **details,
        )


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
