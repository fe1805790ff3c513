"""The ledger as the adapters use it: over HTTP, or opened in this process."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote, urlencode

from pydantic import ValidationError

import stocktrail
from examples.storefront.web import JsonAnswer, TryLater, ask
from stocktrail.commands import COMMANDS
from stocktrail.questions import OrderStatus, Stock, StockOfAll


class CommandOutcome(NamedTuple):
    """What became of a command: recorded (now or before), or why not."""

    recorded: bool
    code: str = ""
    message: str = ""


class Salable(NamedTuple):
    """What may still be sold of an item; without a limit it may be sold whatever the number."""

    sku: str
    quantity: Decimal
    unlimited: bool

    @property
    def whole(self) -> int:
        """Return the quantity as shops show it: whole units, and never less than none."""
        return max(int(self.quantity), 0)


class LedgerClient(Protocol):
    """Where commands go, and where salable quantities come from."""

    def send(self, command: str, fields: dict[str, Any], command_id: str) -> CommandOutcome:
        """Submit a command. Raises :class:`~examples.storefront.web.TryLater`."""

    def lines(self, order: str) -> dict[int, str]:
        """Return the items of an order by the numbers of its lines, none if it is not known."""

    def salable(self, sku: str, pool: str, at_least: int = 0) -> Salable | None:
        """Return what may be sold of an item, ``None`` if it is not known.

        The answer holds everything up to the position ``at_least``.
        """

    def items(self, pool: str) -> Iterator[str]:
        """Return every item by its SKU."""


class LedgerOverHttp:
    """A ledger that ``stocktrail serve`` serves."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = url.rstrip("/")
        self.token = token

    def send(self, command: str, fields: dict[str, Any], command_id: str) -> CommandOutcome:
        """Submit a command; its id is the idempotency key."""
        address = f"{self.url}/commands/{command}"
        answer = self._ask("POST", address, fields, {"Idempotency-Key": command_id})
        if answer.status in (200, 201):
            return CommandOutcome(True)
        return CommandOutcome(
            False, str(answer.body.get("code")), str(answer.body.get("detail", answer.status))
        )

    def lines(self, order: str) -> dict[int, str]:
        """Return the items of an order by the numbers of its lines, none if it is not known."""
        answer = self._ask("GET", f"{self.url}/orders/{quote(order, safe='')}")
        found = [] if answer.status == 404 else answer.body["lines"]
        return {each["line"]: each["sku"] for each in found}

    def salable(self, sku: str, pool: str, at_least: int = 0) -> Salable | None:
        """Return what may be sold of an item, ``None`` if it is not known."""
        query = urlencode({"pool": pool, "at_least": at_least})
        answer = self._ask("GET", f"{self.url}/stock/{quote(sku, safe='')}?{query}")
        if answer.body.get("code") == "unknown_sku":
            return None
        if answer.status != 200:
            raise TryLater(f"the ledger says: {answer.body.get('detail')}", 60.0)
        return Salable(
            sku, Decimal(answer.body["salable_quantity"]), bool(answer.body["unlimited"])
        )

    def items(self, pool: str) -> Iterator[str]:
        """Return every item by its SKU, page by page."""
        after: str | None = None
        while True:
            query = urlencode({"pool": pool, "limit": 1000} | ({"after": after} if after else {}))
            page = self._ask("GET", f"{self.url}/stock?{query}").body
            if "rows" not in page:
                raise TryLater(f"the ledger says: {page.get('detail')}", 60.0)
            yield from (row["sku"] for row in page["rows"])
            after = page.get("next")
            if after is None:
                return

    def _ask(
        self, method: str, url: str, body: object = None, headers: dict[str, str] | None = None
    ) -> JsonAnswer:
        shown = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = ask(method, url, {**shown, **(headers or {})}, body)
        if answer.status in (401, 403) or not isinstance(answer.body, dict):
            raise TryLater(f"the ledger answered {answer.status}: is its URL right, and the token?")
        return answer


class LedgerInProcess:
    """A ledger that this process has opened by ``stocktrail.open``."""

    def __init__(self, shop: stocktrail.Shop) -> None:
        self.shop = shop

    def send(self, command: str, fields: dict[str, Any], command_id: str) -> CommandOutcome:
        """Submit a command under its id."""
        try:
            model = COMMANDS[command].model_validate(fields)
            result = self.shop.submit(model, id=command_id)
        except ValidationError as error:
            return CommandOutcome(False, "invalid", str(error))
        except stocktrail.StorageError as error:
            raise TryLater(str(error)) from error
        return CommandOutcome(result.is_recorded, result.code or "", result.message or "")

    def lines(self, order: str) -> dict[int, str]:
        """Return the items of an order by the numbers of its lines, none if it is not known."""
        try:
            return {each.line: each.sku for each in self.shop.ask(OrderStatus(order=order)).lines}
        except stocktrail.Refusal:
            return {}

    def salable(self, sku: str, pool: str, at_least: int = 0) -> Salable | None:
        """Return what may be sold of an item, ``None`` if it is not known."""
        try:
            found = self.shop.ask(Stock(sku=sku, pool=pool), at_least=at_least)
        except stocktrail.Refusal as refusal:
            if refusal.code == "unknown_sku":
                return None
            raise TryLater(f"the ledger says: {refusal.message}", 60.0) from refusal
        return Salable(sku, Decimal(str(found.salable_quantity)), found.unlimited)

    def items(self, pool: str) -> Iterator[str]:
        """Return every item by its SKU, page by page."""
        after: str | None = None
        while True:
            page = self.shop.ask(StockOfAll(pool=pool, limit=1000, after=after))
            yield from (row.sku for row in page.rows)
            after = page.next
            if after is None:
                return

