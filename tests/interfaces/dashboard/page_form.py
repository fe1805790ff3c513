"""The form of a page as a browser without scripts would send it: for scenes over plain HTTP."""

import re
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx

from tests.interfaces.api.serving import Served


class PageForm(HTMLParser):
    """A form in the main part of a page that is sent by POST, with what is filled in."""

    def __init__(self, page: str, number: int = 0) -> None:
        super().__init__()
        self._before = number
        self.action = ""
        self.fields: list[tuple[str, str]] = []
        self._is_main = self._is_inside = False
        self._select = ""
        self._area: list[str] | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what an element adds to the form."""
        found = {name: value or "" for name, value in attrs}
        self._is_main = self._is_main or tag == "main"
        if tag == "form" and self._is_main and found.get("method") == "post":
            self._is_inside = self._before == 0
            self.action = found["action"] if self._is_inside else self.action
            self._before -= 1
        elif not self._is_inside:
            return
        elif tag == "input":
            is_off = found.get("type") in ("checkbox", "radio") and "checked" not in found
            if not is_off and "name" in found:
                self.fields.append((found["name"], found.get("value", "on")))
        elif tag == "select":
            self._select = found["name"]
        elif tag == "option" and "selected" in found:
            self.fields.append((self._select, found["value"]))
        elif tag == "textarea":
            self._area = []
            self._select = found["name"]

    def handle_data(self, data: str) -> None:
        """Take the text of an area."""
        if self._area is not None:
            self._area.append(data)

    def handle_endtag(self, tag: str) -> None:
        """Leave an element."""
        if tag == "textarea" and self._area is not None:
            self.fields.append((self._select, "".join(self._area)))
            self._area = None
        elif tag == "form":
            self._is_inside = False


def send_form(
    shop: Served, page: httpx.Response, step: str, form_number: int = 0, /, **changes: Any
) -> httpx.Response:
    """Send a form of a page by the button with this step, some fields filled in otherwise.

    A list is what is ticked of a name; ``lines_0_quantity`` is the quantity of the first line.
    """
    form = PageForm(page.text, form_number)
    assert form.action, page.text
    data: dict[str, list[str]] = {}
    for name, value in form.fields:
        data.setdefault(name, []).append(value)
    for name, value in changes.items():
        written = name.replace("_", "-", 2) if name.startswith("lines_") else name
        data[written] = [str(each) for each in value] if isinstance(value, list) else [str(value)]
    return shop.client.post(form.action, data=data | {"step": [step]})


def go_back(shop: Served, tried: httpx.Response) -> httpx.Response:
    """Press Back on the dry run of a group, which brings what was filled in before."""
    [address] = re.findall('value="back" formaction="([^"]*)"', tried.text)
    return shop.client.post(unescape(address), data=dict(PageForm(tried.text).fields) | {
        "step": "back"})
