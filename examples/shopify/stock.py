"""Salable quantities in Shopify: read and set by its GraphQL Admin API, compared before set."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from examples.storefront.ledger import Salable
from examples.storefront.web import TryLater, ask

VERSION = "2026-10"
READ = """
query Available($skus: String!, $location: ID!) {
  productVariants(first: 250, query: $skus) {
    nodes {
      sku
      inventoryItem {
        id tracked
        inventoryLevel(locationId: $location) { quantities(names: ["available"]) { quantity } }
      }
    }
  }
}
"""
SET = """
mutation SetAvailable($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    userErrors { code field message }
  }
}
"""
STALE = frozenset(("CHANGE_FROM_QUANTITY_STALE", "IDEMPOTENCY_CONCURRENT_REQUEST"))


class ShopifyStock:
    """The quantities ``available`` at one location of a shop.

    A number that is not the one written last was changed by Shopify itself, mostly by an order
    whose webhook is still on its way. It is not overwritten before ``grace_seconds`` have passed.
    """

    def __init__(
        self, shop: str, token: str, location: str, grace_seconds: float = 5.0,
        site: str | None = None,
    ) -> None:
        self._url = f"{site or f'https://{shop}'}/admin/api/{VERSION}/graphql.json"
        self._headers = {"X-Shopify-Access-Token": token}
        self._location = f"gid://shopify/Location/{location}"
        self._grace_seconds = grace_seconds
        self._expected: dict[str, int] = {}

    def write(self, quantities: Sequence[Salable]) -> dict[str, str]:
        """Set quantities that differ; return the items that were not set, with the reason."""
        held = self._read([each.sku for each in quantities])
        failed: dict[str, str] = {}
        changed, moved = [], []
        for each in quantities:
            found = held.get(each.sku, [])
            if len(found) != 1:
                failed[each.sku] = "no variant has it" if not found else "several variants have it"
                continue
            item, available = found[0]
            if available is None:
                failed[each.sku] = "it is not tracked, or not stocked at this location"
            elif available != self._expected.get(each.sku, available):
                self._expected[each.sku] = available
                moved.append(each.sku)
            elif available != each.whole:
                changed.append((each, item, available))
        failed |= self._set(changed)
        self._expected |= {each.sku: each.whole for each in quantities
                           if each.sku not in failed and each.sku not in moved}
        if moved:
            raise TryLater(f"Shopify changed {', '.join(moved)}", self._grace_seconds)
        return failed

    def _read(self, skus: Sequence[str]) -> dict[str, list[tuple[str, int | None]]]:
        terms = " OR ".join(f"sku:{_quoted(sku)}" for sku in skus)
        data = self._call(READ, {"skus": terms, "location": self._location})
        held: dict[str, list[tuple[str, int | None]]] = {}
        for variant in data["productVariants"]["nodes"]:
            item = variant["inventoryItem"]
            level = item["inventoryLevel"] if item["tracked"] else None
            available = level["quantities"][0]["quantity"] if level else None
            held.setdefault(variant["sku"], []).append((item["id"], available))
        return held

    def _set(self, changes: Sequence[tuple[Salable, str, int]]) -> dict[str, str]:
        """Set all or nothing, then once more without those that Shopify refused for good."""
        failed: dict[str, str] = {}
        while changes:
            asked = {
                "name": "available", "reason": "correction",
                "quantities": [
                    {"inventoryItemId": item, "locationId": self._location,
                     "quantity": each.whole, "changeFromQuantity": available}
                    for each, item, available in changes
                ],
            }
            data = self._call(SET, {"input": asked, "key": str(uuid4())})
            errors = data["inventorySetQuantities"]["userErrors"]
            if not errors:
                break
            why = {place: each["message"] for each in errors for place in each["field"] or ()}
            refused = {each.sku: why[str(place)] for place, (each, _, _) in enumerate(changes)
                       if str(place) in why}
            if not refused or any(each["code"] in STALE for each in errors):
                raise TryLater("; ".join(each["message"] for each in errors), 1.0)
            failed |= refused
            changes = [each for each in changes if each[0].sku not in refused]
        return failed

    def _call(self, query: str, variables: dict[str, Any]) -> Any:
        answer = ask("POST", self._url, self._headers, {"query": query, "variables": variables})
        if not isinstance(answer.body, dict):
            raise TryLater(f"Shopify answered {answer.status} without JSON", 60.0)
        if answer.body.get("errors"):
            raise TryLater(f"Shopify: {answer.body['errors']}", _wait_of(answer.body))
        return answer.body["data"]


def _quoted(sku: str) -> str:
    r"""Return a SKU as a search term of Shopify has it.

    >>> print(_quoted('5" "pipe"'))
    "5\" \"pipe\""
    """
    escaped = sku.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _wait_of(body: dict[str, Any]) -> float:
    """Return the seconds until the bucket of a throttled request has filled; 60 for others."""
    codes = [(each.get("extensions") or {}).get("code") for each in body["errors"]
             if isinstance(each, dict)]
    if "THROTTLED" not in codes:
        return 60.0
    cost = (body.get("extensions") or {}).get("cost") or {}
    status = cost.get("throttleStatus") or {}
    missing = float(cost.get("requestedQueryCost", 0)) - float(status.get("currentlyAvailable", 0))
    return max(missing / float(status.get("restoreRate") or 50), 1.0)
