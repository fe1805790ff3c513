"""A shop whose read models are asked: real commands on a real database, caught up after each."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import orjson

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.reading import Row, row_of
from stocktrail.commands.scripts.results import DONE, Result
from stocktrail.commands.scripts.submission import submit
from stocktrail.ledger.store import Ledger
from stocktrail.ledger.store.postgres_address import is_postgres_url
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.history import history
from stocktrail.projections.questions.low_stock import low_stock
from stocktrail.projections.questions.notices import notices
from stocktrail.projections.questions.order import order
from stocktrail.projections.questions.stock import stock

Report = dict[str, Any]
Wish = dict[str, Any]
"""A command as a row is written."""


class Shop:
    """A ledger with its read models, and the few things that scenes do with them."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.models = ReadModels(ledger)

    def send(self, command: str, **fields: Any) -> int:
        """Send a command that must be accepted, catch up, and give the position."""
        status, position = self.try_to(command, **fields)
        assert status == "accepted"
        return position

    def try_to(self, command: str, **fields: Any) -> tuple[str, int]:
        """Send a command, catch up, and give the status and the position."""
        [result] = submit(self.ledger, [[self.row(command, **fields)]])
        return result.status, self.models.catch_up()

    def row(self, command: str, **fields: Any) -> Row:
        """Write a command as a row of a script."""
        return row_of(COMMANDS[command].model_validate_json(orjson.dumps(fields)))

    def together(self, *wished: Wish) -> int:
        """Send commands as one group that must be accepted, catch up, and give the position."""
        assert {result.status for result in self._submit(wished)} <= DONE
        return self.models.catch_up()

    def units_of(self, wished: Sequence[Wish]) -> list[Sequence[Wish]]:
        """Return commands as one group if they would be accepted so, and else each by itself."""
        tried = {result.status for result in self._submit(wished, dry_run=True)}
        return [wished] if tried <= DONE else [[each] for each in wished]

    def try_together(self, wished: Sequence[Wish]) -> tuple[set[str], int]:
        """Send commands as one group, catch up, and give the statuses and the position."""
        return {result.status for result in self._submit(wished)}, self.models.catch_up()

    def _submit(self, wished: Sequence[Wish], *, dry_run: bool = False) -> list[Result]:
        group = {"group": "together"} if len(wished) > 1 else {}
        rows = [self.row(**each, **group) for each in wished]
        return list(submit(self.ledger, [rows], dry_run=dry_run))

    def carry(self, sku: str, quantity: float, **fields: Any) -> int:
        """Register an item and receive units of it."""
        self.send("register-product", sku=sku)
        return self.send("receive-stock", sku=sku, quantity=quantity, **fields)

    def allow_backorders(self) -> int:
        """Allow backorders without a limit."""
        return self.send("set-backorder-policy", backorders="allow")

    def sell(self, name: str, sku: str, quantity: float, **fields: Any) -> int:
        """Place an order of one line."""
        return self.send(
            "place-order", order=name, customer="C-1", lines=[{"sku": sku, "quantity": quantity}],
            **fields,
        )

    def stock(self, sku: str, pool: str = "default", as_of: int | None = None) -> Report:
        """Ask for the stock of an item."""
        return stock(self.models, sku, pool, as_of)

    def order(self, name: str, as_of: int | None = None, today: date | None = None) -> Report:
        """Ask for an order."""
        return order(self.models, name, as_of, today)

    def history(self, sku: str, **asked: Any) -> list[Report]:
        """Ask for the history of an item."""
        rows: list[Report] = history(self.models, sku, **asked)["rows"]
        return rows

    def low(self) -> list[tuple[str, str, float]]:
        """Return what is low: item, pool or source, and the basis."""
        return [
            (row["sku"], row.get("pool") or row["source"], row["basis"])
            for row in low_stock(self.models)["rows"]
        ]

    def notices(self) -> list[Report]:
        """Ask for all notices."""
        rows: list[Report] = notices(self.models)["rows"]
        return rows

    def tamper(self, statement: str) -> None:
        """Change the database behind the program's back."""
        with self.ledger.datastore.write_transaction() as cursor:
            cursor.execute(statement)

    def tamper_with_log(self, statement: str) -> None:
        """Change what was recorded, past the triggers that refuse it."""
        if is_postgres_url(self.ledger.url):
            self.tamper("ALTER TABLE commands DISABLE TRIGGER USER")
        else:
            for action in ("update", "delete"):
                self.tamper(f"DROP TRIGGER IF EXISTS commands_no_{action}")
        self.tamper(statement)

    def rewrite_events(self, old: str, new: str, where: str) -> None:
        """Replace a text in the events of rows that meet a condition."""
        changed = (
            f"convert_to(replace(convert_from(events, 'UTF8'), '{old}', '{new}'), 'UTF8')"
            if is_postgres_url(self.ledger.url)
            else f"CAST(replace(CAST(events AS TEXT), '{old}', '{new}') AS BLOB)"
        )
        self.tamper_with_log(f"UPDATE commands SET events = {changed} WHERE {where}")
