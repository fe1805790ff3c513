"""Stock quantities in WooCommerce: read and set by its REST API, many at once.

WooCommerce has no set that compares: an order that it takes between reading and writing is
overwritten, until its webhook has come and the quantity is written again.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from examples.storefront.ledger import Salable
from examples.storefront.translation import Payload
from examples.storefront.web import TryLater, ask


class WooCommerceStock:
    """The stock quantities of the products and variations of a shop."""

    def __init__(self, site: str, key: str, secret: str) -> None:
        self._api = f"{site.rstrip('/')}/wp-json/wc/v3"
        shown = b64encode(f"{key}:{secret}".encode()).decode()
        self._headers = {"Authorization": f"Basic {shown}"}

    def refunds_of(self, order_id: str) -> Sequence[Payload]:
        """Return the refunds of an order with their lines."""
        found = self._call("GET", f"orders/{order_id}/refunds?per_page=100")
        if not isinstance(found, list):
            raise TryLater("WooCommerce did not list the refunds", 60.0)
        return found

    def write(self, quantities: Sequence[Salable]) -> dict[str, str]:
        """Set quantities that differ; return the items that were not set, with the reason."""
        failed = {each.sku: "a SKU with a comma cannot be searched for"
                  for each in quantities if "," in each.sku}
        asked = [each for each in quantities if each.sku not in failed]
        held = self._read([each.sku for each in asked]) if asked else {}
        changes: dict[str, dict[int, tuple[str, int]]] = {}
        for each in asked:
            found = held.get(each.sku, [])
            if len(found) != 1:
                failed[each.sku] = "no product has it" if not found else "several products have it"
                continue
            [product] = found
            if product.get("manage_stock") is not True:
                failed[each.sku] = "its stock is not managed there"
            elif product.get("stock_quantity") != each.whole:
                parent = product.get("parent_id") if product.get("type") == "variation" else None
                place = f"products/{parent}/variations" if parent else "products"
                changes.setdefault(place, {})[product["id"]] = (each.sku, each.whole)
        for place, of_place in changes.items():
            failed |= self._set(place, of_place)
        return failed

    def _read(self, skus: Sequence[str]) -> dict[str, list[Payload]]:
        query = urlencode({"sku": ",".join(skus), "per_page": 100, "status": "any"})
        held: dict[str, list[Payload]] = {}
        for product in self._call("GET", f"products?{query}"):
            held.setdefault(product["sku"], []).append(product)
        return held

    def _set(self, place: str, quantities: dict[int, tuple[str, int]]) -> dict[str, str]:
        update = [{"id": product, "stock_quantity": quantity}
                  for product, (_, quantity) in quantities.items()]
        answer = self._call("POST", f"{place}/batch", {"update": update})
        return {
            quantities[each["id"]][0]: each["error"].get("message", "refused")
            for each in answer["update"] if each.get("error")
        }

    def _call(self, method: str, path: str, body: object = None) -> Any:
        answer = ask(method, f"{self._api}/{path}", self._headers, body)
        if answer.status >= 400 or answer.body is None:
            why = answer.body.get("message") if isinstance(answer.body, dict) else "no JSON"
            raise TryLater(f"WooCommerce answered {answer.status}: {why}", 60.0)
        return answer.body
