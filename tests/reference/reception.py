"""The desk for whoever is no customer's order: customers themselves, webhooks, the shop's rules."""

from tests.reference.desk import Row, ShopDesk
from tests.reference.shop import Refused


class Reception(ShopDesk):
    """Takes the commands that no quantity follows from."""

    def set_promise_rules(self, row: Row) -> None:
        """Promise dates are not told here, so nothing follows."""

    def set_time_zone(self, row: Row) -> None:
        """All zones that are tried have the same day at noon, so nothing follows."""

    def register_customer(self, row: Row) -> None:
        self.customers.add(row["customer"])

    def erase_customer(self, row: Row) -> None:
        if row["customer"] not in self.customers:
            raise Refused("unknown_customer")

    def create_webhook(self, row: Row) -> None:
        terms = {name: row.get(name) for name in ("url", "types", "subject")}
        if self.webhooks.get(row["webhook"]) not in (None, terms):
            raise Refused("already_exists")
        self.webhooks[row["webhook"]] = terms

    def delete_webhook(self, row: Row) -> None:
        if row["webhook"] not in self.webhooks:
            raise Refused("unknown_webhook")
        self.webhooks[row["webhook"]] = None

    def disable_webhook(self, row: Row) -> None:
        if self.webhooks.get(row["webhook"]) is None:
            raise Refused("unknown_webhook")

    def enable_webhook(self, row: Row) -> None:
        self.disable_webhook(row)
