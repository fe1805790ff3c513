"""Stand-ins for the APIs of Shopify and WooCommerce, for tests and first tries.

They answer the requests that the adapters make, in the shapes that the platforms document, and keep
quantities; they refuse what a test tells them to, and what is not the number that was compared
with. They are no measure of the real ones: try an adapter with a shop for development too.

    python -m examples.storefront.stand_ins shopify --port 8790 MUG=0 LAMP=0
"""

import argparse
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit


class StandIn(ThreadingHTTPServer):
    """A shop that keeps a quantity for each SKU, and every request that it was sent."""

    daemon_threads = True

    def __init__(
        self, handler: type[BaseHTTPRequestHandler], quantities: dict[str, int], port: int = 0
    ) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.quantities = quantities
        self.requests: list[tuple[str, Any]] = []
        self.busy: list[tuple[int, dict[str, str], Any]] = []
        self.refunds: list[dict[str, Any]] = []
        self.sold_meanwhile: dict[str, int] = {}
        self.not_stocked: set[str] = set()

    @property
    def site(self) -> str:
        """Return its address."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def id_of(self, sku: str) -> int:
        """Return the number of a SKU."""
        return 700 + list(self.quantities).index(sku)

    def sku_of(self, number: int) -> str:
        """Return the SKU of a number."""
        return list(self.quantities)[number - 700]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StandIn
    shown: ClassVar[tuple[str, str]]

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        asked = json.loads(body) if body else None
        self.server.requests.append((f"{self.command} {self.path}", asked))
        name, value = self.shown
        if self.headers.get(name) != value:
            self._send(401, {"message": "who are you?"})
        elif self.server.busy:
            status, headers, refusal = self.server.busy.pop(0)
            self._send(status, refusal, headers)
        else:
            self._send(200, self.answer(asked))

    def do_GET(self) -> None:
        """Answer a question."""
        if self.path == "/quantities":
            self._send(200, self.server.quantities)
        else:
            self._answer()

    def do_POST(self) -> None:
        """Answer a request that changes something."""
        self._answer()

    def answer(self, asked: Any) -> Any:
        """Return the answer to a request."""
        raise NotImplementedError

    def _send(self, status: int, body: Any, headers: dict[str, str] | None = None) -> None:
        written = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {**(headers or {}), "content-length": str(len(written))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(written)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


class _Shopify(_Handler):
    shown = ("X-Shopify-Access-Token", "shpat_1")

    def answer(self, asked: Any) -> Any:
        """Answer the query of available quantities, and the mutation that sets them."""
        given = asked["variables"]
        if asked["query"].lstrip().startswith("query"):
            return {"data": {"productVariants": {"nodes": [
                {"sku": sku, "inventoryItem": {
                    "id": f"gid://shopify/InventoryItem/{self.server.id_of(sku)}", "tracked": True,
                    "inventoryLevel": {"quantities": [
                        {"name": "available", "quantity": self.server.quantities[sku]},
                    ]},
                }}
                for sku in re.findall(r'sku:"([^"]+)"', given["skus"])
                if sku in self.server.quantities
            ]}}}
        assert "@idempotent(key: $key)" in asked["query"]
        assert given["key"]
        for sku, quantity in self.server.sold_meanwhile.items():
            self.server.quantities[sku] -= quantity
        self.server.sold_meanwhile = {}
        changes = [
            (self.server.sku_of(int(each["inventoryItemId"].rpartition("/")[2])), each)
            for each in given["input"]["quantities"]
        ]
        errors = [
            {"code": "CHANGE_FROM_QUANTITY_STALE", "field": ["input", "quantities", str(place)],
             "message": "The changeFromQuantity value does not match persisted value."}
            for place, (sku, each) in enumerate(changes)
            if each["changeFromQuantity"] != self.server.quantities[sku]
        ] or [
            {"code": "ITEM_NOT_STOCKED_AT_LOCATION",
             "field": ["input", "quantities", str(place), "locationId"],
             "message": "The specified inventory item is not stocked at the location."}
            for place, (sku, _) in enumerate(changes) if sku in self.server.not_stocked
        ]
        if not errors:
            self.server.quantities |= {sku: each["quantity"] for sku, each in changes}
        return {"data": {"inventorySetQuantities": {"userErrors": errors}}}


class _WooCommerce(_Handler):
    shown = ("Authorization", "Basic Y2tfMTpjc18x")         # ck_1:cs_1

    def answer(self, asked: Any) -> Any:
        """Answer a search of products, a batch of changes, and the refunds of an order."""
        path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
        if path.endswith("/refunds"):
            return self.server.refunds
        if asked is None:
            return [
                {"id": self.server.id_of(sku), "sku": sku, "manage_stock": True,
                 "stock_quantity": self.server.quantities[sku],
                 "type": "variation" if sku.startswith("TEE") else "simple", "parent_id": 31}
                for sku in query["sku"][0].split(",") if sku in self.server.quantities
            ]
        for each in asked["update"]:
            sku = self.server.sku_of(each["id"])
            assert path.endswith(
                "/products/31/variations/batch" if sku.startswith("TEE") else "/products/batch"
            )
            self.server.quantities[sku] = each["stock_quantity"]
        return {"update": asked["update"]}


@contextmanager
def shopify_stand_in(**quantities: int) -> Iterator[StandIn]:
    """Run a stand-in for Shopify for a while."""
    with _running(StandIn(_Shopify, quantities)) as shop:
        yield shop


@contextmanager
def woocommerce_stand_in(**quantities: int) -> Iterator[StandIn]:
    """Run a stand-in for WooCommerce for a while."""
    with _running(StandIn(_WooCommerce, quantities)) as shop:
        yield shop


@contextmanager
def _running(shop: StandIn) -> Iterator[StandIn]:
    thread = threading.Thread(target=shop.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        shop.shutdown()
        shop.server_close()
        thread.join(10)


def main() -> None:
    """Run a stand-in until it is interrupted."""
    parser = argparse.ArgumentParser(description="Stands in for the API of a shop.")
    parser.add_argument("platform", choices=("shopify", "woocommerce"))
    parser.add_argument("quantities", nargs="*", metavar="SKU=QUANTITY")
    parser.add_argument("--port", type=int, default=8790)
    asked = parser.parse_intermixed_args()
    pairs = (each.rpartition("=") for each in asked.quantities)
    quantities = {sku: int(quantity) for sku, _, quantity in pairs}
    handler = _Shopify if asked.platform == "shopify" else _WooCommerce
    with StandIn(handler, quantities, asked.port) as shop:
        shop.serve_forever()


if __name__ == "__main__":
    main()
