"""A visitor: a page of a real browser, and what may never happen on any of them."""

import re
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request

from stocktrail.interfaces.dashboard.rendering import address
from tests.interfaces.api.serving import Served

AT_MOST_MS = 30_000


class Visitor:
    """Looks at a shop's dashboard, and notes what the browser complains of and asks elsewhere."""

    def __init__(self, page: Page, shop: Served) -> None:
        self.page = page
        self.shop = shop
        self.url = str(shop.client.base_url).rstrip("/")
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        page.set_default_timeout(AT_MOST_MS)
        page.on("console", self._on_commit)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)
        page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))

    def _on_commit(self, message: Any) -> None:
        # The browser itself reports a document that was refused, which a scene may want to see.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.elsewhere.append(request.url)

    def open(self, path: str, *parts: str, query: str = "") -> None:
        """Go to a page."""
        self.page.goto(self.url + address(path, *parts) + query)

    def click(self, text: str) -> None:
        """Click on a link or a button."""
        found = self.page.locator(f"main >> :is(a, button):text-is({text!r})")
        found.first.click()
        self.page.wait_for_load_state()

    def follow(self, selector: str) -> None:
        """Click on the first link that there is, and wait until its page is there as a whole."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()

    def fill(self, **fields: str) -> None:
        """Fill in fields of the form; ``lines_0_sku`` is the item of the first line."""
        for name, value in fields.items():
            written = name
            if name.startswith("lines_"):
                begin, number, part = name.split("_", 2)
                written = f"{begin}-{number}-{part}"
            field = self.page.locator(f":is(main, .moment) [name='{written}']:not([type=hidden])")
            if field.evaluate("each => each.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)

    def try_it(self) -> str:
        """Try the command; give what would happen."""
        self.page.locator("button[value=try]").click()
        self.page.wait_for_selector("#outcome")
        return self.page.inner_text("#outcome")

    def apply(self) -> None:
        """Apply the command that was tried, and see its page."""
        self.page.click("button[value=apply]")
        self.page.wait_for_selector(".done")

    def act(self, **fields: str) -> str:
        """Fill in, try and apply; give what the dry run said."""
        self.fill(**fields)
        said = self.try_it()
        self.apply()
        return said

    def figure(self, name: str) -> str:
        """Read a figure of an item."""
        term = self.page.locator("dt", has_text=re.compile(f"^{re.escape(name)}$"))
        return self.page.locator(".figures div", has=term).locator("dd").first.inner_text()

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.inner_text("main")

    def has_nothing_to_complain_of(self) -> None:
        """Fail when the browser complained, or something was asked of another host."""
        assert self.complaints == []
        assert self.elsewhere == []
