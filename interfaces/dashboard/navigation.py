"""The navigation: pages in groups, and where the page that is looked at stands among them."""

from functools import lru_cache
from typing import NamedTuple, Protocol

from fastapi import FastAPI, Request
from fastapi.routing import iter_route_contexts

from stocktrail import commands
from stocktrail.commands import COMMANDS
from stocktrail.ledger.store.side_tables.access import Scope


class NavigationPage(NamedTuple):
    """A page by its name and its address; pages whose address begins with ``begins`` belong to it.

    It is shown to those who may see it, in the past too unless it is only about the present.
    """

    name: str
    path: str
    begins: str = ""
    scope: Scope = "read"
    is_of_the_past: bool = True


class NavigationGroup(NamedTuple):
    """Pages that belong together, under one name; the name leads to the first of them.

    After ``g`` its ``key`` leads there too.
    """

    name: str
    key: str
    pages: tuple[NavigationPage, ...]


GROUPS: tuple[NavigationGroup, ...] = (
    NavigationGroup("Today", "t", (
        NavigationPage("What to do", "/"),
        NavigationPage("Backlog", "/view/backlog"),
    )),
    NavigationGroup("Orders", "o", (
        NavigationPage("All orders", "/view/orders"),
        NavigationPage("Backorders", "/view/backorders/item", "/view/backorders"),
    )),
    NavigationGroup("Items", "i", (
        NavigationPage("All items", "/view/items"),
        NavigationPage("Low stock", "/view/low-stock"),
    )),
    NavigationGroup("Purchasing", "p", (
        NavigationPage("Purchase orders", "/view/purchase-orders"),
        NavigationPage("Replenish", "/view/replenishment"),
        NavigationPage("Vendors", "/view/vendors"),
    )),
    NavigationGroup("Customers", "c", (
        NavigationPage("All customers", "/view/customers"),
        NavigationPage("To tell", "/view/to-tell"),
    )),
    NavigationGroup("Shipping", "s", (
        NavigationPage("Ready to ship", "/view/ready-to-ship"),
        NavigationPage("Pick list", "/view/pick-list"),
    )),
    NavigationGroup("Log", "l", (
        NavigationPage("Events", "/view/events"),
        NavigationPage("Notices", "/view/notices"),
        NavigationPage("Compare", "/view/compare"),
    )),
    NavigationGroup("Setup", "e", (
        NavigationPage("Settings", "/view/settings"),
        NavigationPage("Sources", "/view/sources"),
        NavigationPage("Pools", "/view/pools"),
        NavigationPage("Webhooks", "/view/webhooks", scope="admin"),
        NavigationPage("Actions", "/view/actions", scope="command", is_of_the_past=False),
        NavigationPage("Import", "/view/import", scope="command", is_of_the_past=False),
    )),
)
"""Every page that is always there, in the order of the navigation."""


_OF_MODULES = {
    "orders": "Orders", "purchasing": "Purchasing", "stock": "Items", "customers": "Customers",
}
"""The groups of the forms of actions, by the module of the command; all others stay in Setup."""

_OF_COMMANDS = {"ship-order": "Shipping", "mark-told": "Customers"}
"""The groups of the forms of actions that are done from pages of another group."""


class Asking(Protocol):
    """What the navigation needs to know of a request for a page."""

    http: Request

    @property
    def is_past(self) -> bool:
        """Whether the page shows an earlier moment."""

    def may(self, scope: Scope) -> bool:
        """Return whether the sender may do what a scope covers."""

    def link(self, path: str, *parts: str, **parameters: object) -> str:
        """Return the address of a page as of the same moment."""


class ShownPage(NamedTuple):
    """A page as the navigation shows it; ``is_here`` where the page looked at belongs to it."""

    name: str
    address: str
    is_here: bool


class ShownGroup(NamedTuple):
    """A group as the navigation shows it; ``is_here`` where the page looked at belongs to it."""

    name: str
    key: str
    pages: list[ShownPage]
    is_here: bool


def navigation(request: Asking) -> list[ShownGroup]:
    """Return the pages that the sender of a request may see, as of the same moment."""
    looked_at = request.http.scope["path"]
    acted = _group_of_action(looked_at)
    served = served_by(request.http.app)
    groups = []
    for group in GROUPS:
        pages = [
            ShownPage(
                page.name, request.link(page.path), acted is None and _is_within(looked_at, page)
            )
            for page in group.pages
            if (page.path in served or page.begins) and request.may(page.scope)
            and (page.is_of_the_past or not request.is_past)
        ]
        if pages:
            is_here = any(page.is_here for page in pages) if acted is None else group.name == acted
            groups.append(ShownGroup(group.name, group.key, pages, is_here))
    return groups


def _group_of_action(path: str) -> str | None:
    """Return the group to which the form of an action belongs, if a path is of one that is known.

    >>> _group_of_action("/view/actions/receive-goods")
    'Purchasing'
    """
    name = path.removeprefix("/view/actions/")
    if name == path or name not in COMMANDS:
        return None
    module = COMMANDS[name].__module__.removeprefix(f"{commands.__name__}.").partition(".")[0]
    return _OF_COMMANDS.get(name) or _OF_MODULES.get(module)


def _is_within(path: str, page: NavigationPage) -> bool:
    begins = page.begins or page.path
    return path == begins or (begins != "/" and path.startswith(f"{begins}/"))


@lru_cache(maxsize=8)
def served_by(application: FastAPI) -> frozenset[str]:
    """Return the addresses that are served, so that nothing leads to a page that is not there."""
    return frozenset(getattr(each, "path", "") for each in iter_route_contexts(application.routes))
