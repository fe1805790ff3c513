"""Takes the screenshots that stand in the documents: ``make pictures``.

They show the busy shop, which ends today, so what they show differs from day to day.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser

from stocktrail.ledger.store import open_ledger
from tests.interfaces.api.serving import served
from tests.interfaces.dashboard.browser import chromium
from tests.interfaces.dashboard.busy_shop import fill
from tests.quiet_logs import log_nothing

FOLDER = Path(__file__).parents[3] / "docs" / "images"

DELAYED_TO = (datetime.now(UTC).date() + timedelta(days=21)).isoformat()

SHOTS: dict[str, tuple[str, int, int, str]] = {
    "today": ("/", 1280, 860, "light"),
    "today-dark": ("/", 1280, 860, "dark"),
    "orders": ("/view/orders?facet=open", 1280, 620, "light"),
    "to-tell": ("/view/to-tell", 1280, 760, "light"),
    "ready-to-ship": ("/view/ready-to-ship", 1280, 620, "light"),
    "pick-list": ("/view/pick-list", 1280, 760, "light"),
    "replenish": ("/view/replenishment", 1280, 860, "light"),
    "vendor": ("/view/vendors/Formosa%20Tea%20Co.", 1280, 760, "light"),
    "today-phone": ("/", 360, 760, "light"),
    "item": ("/view/items/KETTLE-15", 1280, 860, "light"),
    "item-phone": ("/view/items/KETTLE-15", 360, 760, "dark"),
    "backorders": ("/view/backorders/customer?late=1", 1280, 620, "light"),
    "order": ("/view/orders/{late_order}", 1280, 720, "light"),
    "dry-run": ("/view/actions/delay-purchase-order?purchase_order={purchase_order}", 1280, 860,
                "light"),
    "settings": ("/view/settings?sku=KETTLE-15", 1280, 760, "light"),
    "as-of": ("/view/backorders/item?as_of=600", 1280, 560, "light"),
}
"""Each picture: its address, the size of the window, and light or dark."""


def take(browser: Browser, url: str, keys: dict[str, str], chosen: list[str]) -> None:
    """Take the pictures that are named, or all."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in chosen or SHOTS:
        address, width, height, scheme = SHOTS[name]
        page = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        page.goto(url + address.format(**keys))
        if name == "dry-run":
            page.fill("[name=expected_date]", DELAYED_TO)
            page.fill("[name=reason]", "the vendor has no containers")
            page.click("text=Try it")
            page.wait_for_selector("#outcome")
        for chart in page.query_selector_all("[data-chart]"):
            chart.wait_for_selector(".uplot, .calm")
        page.screenshot(path=FOLDER / f"{name}.png")
        page.close()


def main(chosen: list[str]) -> None:
    """Fill a shop, serve it, and take its pictures."""
    log_nothing()
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/shop.db"
        with open_ledger(url) as ledger:
            fill(ledger)
        with served(url) as shop, chromium() as browser:
            late = shop.ask("/backorders/customer", late=True, sort="-days_slipped")["rows"][0]
            receipts = shop.ask("/backorders/vendor", sort="-pegged")["rows"][0]
            keys = {"late_order": late["order"], "purchase_order": receipts["purchase_order"]}
            take(browser, str(shop.client.base_url).rstrip("/"), keys, chosen)


if __name__ == "__main__":
    main(sys.argv[1:])
