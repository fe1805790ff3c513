"""Every page of a busy shop, with keys of things that are there."""

from tests.interfaces.api.serving import Served


def every_page(shop: Served) -> list[str]:
    """Return the addresses of all pages, those of forms and refusals too."""
    order = shop.ask("/backorders/customer", late="true", sort="-days_slipped")["rows"][0]["order"]
    receipt = shop.ask("/backorders/vendor", sort="-pegged")["rows"][0]["purchase_order"]
    return [*reports(order, receipt), *(
        "/view/actions", "/view/actions/place-order", "/view/actions/change-threshold",
        f"/view/actions/delay-purchase-order?purchase_order={receipt}", "/view/login",
        "/view/about", "/view/items/NO-SUCH-ITEM", "/?as_of=400", "/view/webhooks",
        "/view/items?q=nothing+like+it", "/view/first-run", "/view/import",
        "/view/items/KETTLE-15?as_of=3000000",
    )]


def reports(order: str, receipt: str) -> list[str]:
    """Return the addresses of the pages that are also JSON and CSV."""
    return [
        "/view/customers", "/view/customers/Frankenversand", "/view/vendors",
        "/view/vendors/Nordic%20Ceramics", "/view/purchase-lines?limit=8", "/view/sources",
        "/view/pools", "/view/settings/values",
        "/", "/view/items?limit=8", "/view/items/KETTLE-15", "/view/items/KETTLE-15/chart",
        "/view/items/KETTLE-15/why", "/view/items/KETTLE-15/movements?limit=8",
        "/view/items/CUP-BLUE/split",
        "/view/backorders/item?limit=8", "/view/backorders/customer?limit=8",
        "/view/backorders/vendor?limit=8", "/view/backlog",
        "/view/orders?limit=8", "/view/purchase-orders?limit=8",
        "/view/to-tell?limit=8", "/view/to-tell?told=either",
        "/view/replenishment", "/view/compare", "/view/compare/hindsight?limit=4",
        "/view/items/KETTLE-15/promise?quantity=40",
        f"/view/orders/{order}/lines/1/why",
        f"/view/orders/{order}", f"/view/orders/{order}/why", f"/view/purchase-orders/{receipt}",
        "/view/purchase-orders/PO-006/receipts/R-006", "/view/ready-to-ship",
        "/view/pick-list", "/view/pick-list?source=default&limit=5",
        "/view/events?limit=8", "/view/events/300", "/view/notices", "/view/low-stock?limit=4",
        "/view/settings?sku=KETTLE-15", "/view/settings",
        "/view/find?q=tea",
    ]
