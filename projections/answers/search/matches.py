"""What a search finds, kind by kind: numbers by the database, names of customers with their keys.

Every number there is is compared, because a part of one is in no index: 25 ms of processor for
120,000 orders (2026-11-30). What matches best comes first, and of those alike what came last.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.side_tables.customer_keys import CustomerKeys
from stocktrail.ledger.store.tables import Row, Table
from stocktrail.projections.answers.narrative import event_with_sentence
from stocktrail.projections.answers.search.searched_text import SearchedText
from stocktrail.projections.models.item_names import ITEM_NAME
from stocktrail.projections.models.orders import ORDER
from stocktrail.projections.models.purchase_orders import PURCHASE_ORDER
from stocktrail.projections.models.registered_customers import (
    REGISTERED_CUSTOMER,
    latest_with_name,
)
from stocktrail.projections.models.shipments_and_receipts import RECEIPT, SHIPMENT
from stocktrail.projections.read_models import Reading

Kind = Literal[
    "order", "purchase_order", "item", "customer", "vendor", "shipment", "receipt", "event"
]

MOST_NAMES = 5_000
"""How many names of customers are read with their keys for one search: those given last."""

_MORE_TO_COMPARE = 200
"""How many are compared again where the database takes any character for one."""


class Match(NamedTuple):
    """One thing that was found; ``position`` is where it last came about, or 0."""

    kind: Kind
    key: str
    name: str | None
    belongs_to: str | None
    position: int


class _Numbers(NamedTuple):
    """Where the numbers of a kind are: columns of a query, and what is compared."""

    key: str
    belongs_to: str
    name: str
    position: str
    tables: str
    more: str = ""


_TABLES: Mapping[str, Table] = {
    "orders": ORDER, "purchase_orders": PURCHASE_ORDER, "names": ITEM_NAME, "shipments": SHIPMENT,
    "receipts": RECEIPT, "registered": REGISTERED_CUSTOMER,
}

_NUMBERS: Mapping[Kind, _Numbers] = {
    "order": _Numbers("order_id", "customer", "NULL", "position", "{orders}"),
    "purchase_order": _Numbers(
        "purchase_order", "vendor", "NULL", "position", "{purchase_orders}"
    ),
    "item": _Numbers(
        "given.sku", "NULL", "given.name", "0", "{names} AS given",
        "AND NOT EXISTS (SELECT 1 FROM {names} AS later WHERE later.sku = given.sku "
        "AND later.position > given.position AND later.position <= :until)",
    ),
    "customer": _Numbers(
        "customer", "NULL", "NULL", "MAX(position)",
        "(SELECT customer, position FROM {orders} "
        "UNION ALL SELECT customer, position FROM {registered}) AS known",
        "GROUP BY customer",
    ),
    "vendor": _Numbers(
        "vendor", "NULL", "NULL", "MAX(position)", "{purchase_orders}", "GROUP BY vendor"
    ),
    "shipment": _Numbers("shipment", "order_id", "NULL", "position", "{shipments}"),
    "receipt": _Numbers("receipt", "purchase_order", "NULL", "position", "{receipts}"),
}


class SearchOfNumbers:
    """Searches the read models as far as a position."""

    def __init__(self, reading: Reading, text: SearchedText, until: int) -> None:
        self._cursor, self._place = reading.cursor, reading.place
        self._text, self._until = text, until
        self._tables = {name: self._place.table(each).name for name, each in _TABLES.items()}

    def of(self, kind: Kind, limit: int) -> list[Match]:
        """Return what matches best of a kind, one more than the limit if there is more."""
        where, text = _NUMBERS[kind], self._text
        names = [where.name] if where.name != "NULL" else []
        position = "position" if where.position == "MAX(position)" else where.position
        bound = "given.position" if kind == "item" else position
        most = limit + 1 if text.is_ascii else max(_MORE_TO_COMPARE, limit + 1)
        statement = (
            f"SELECT {where.key} AS key, {where.belongs_to} AS belongs_to, {where.name} AS name, "
            f"{where.position} AS found_at FROM {where.tables} "
            f"WHERE {text.condition(where.key, *names)} AND {bound} <= :until {where.more} "
            f"ORDER BY {text.rank(where.key)}, found_at DESC, {where.key} LIMIT :most"
        )
        rows = self._rows(statement, until=self._until, most=most)
        found = [
            Match(kind, row["key"], row["name"], row["belongs_to"], int(row["found_at"]))
            for row in rows if text.is_ascii or text.matches(row["key"], row["name"])
        ]
        return found[: limit + 1]

    def named_customers(self, ledger: Ledger) -> tuple[list[Match], int]:
        """Return the customers whose names match, and how many names were looked at.

        A name that nobody can read any more is not found.
        """
        rows = latest_with_name(self._place, self._cursor, self._until, MOST_NAMES)
        sealed = {row["customer"]: row["sealed_name"] for row in rows}
        positions = {row["customer"]: row["position"] for row in rows}
        names = CustomerKeys(ledger, to_read=True).decrypt_all("name", sealed)
        return [
            Match("customer", customer, name, None, positions[customer])
            for customer, name in names.items() if self._text.matches(customer, name)
        ], len(sealed)

    def _rows(self, statement: str, **parameters: Any) -> list[Row]:
        self._cursor.execute(
            statement.format(**self._tables), {**self._text.parameters, **parameters}
        )
        return list(self._cursor.fetchall())


def event_at(ledger: Ledger, text: SearchedText, until: int) -> list[Match]:
    """Return the event of a text that is a position: its number, also behind ``#``."""
    written = text.text.removeprefix("position").strip(" #")
    if not (written.isascii() and written.isdecimal() and len(written) <= 15):
        return []
    position = int(written)
    if not 0 < position <= until:
        return []
    told = event_with_sentence(ledger.read(position - 1, 1)[0])
    return [Match("event", str(position), told["sentence"], told["stream"], position)]
