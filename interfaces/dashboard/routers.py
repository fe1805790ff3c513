"""The routers of all pages, as the application includes them; each page asks for its visitor."""

from fastapi import APIRouter

from stocktrail.interfaces.dashboard import (
    actions,
    assets,
    backorders,
    events,
    item,
    items,
    notices,
    orders,
    setting_pages,
    today,
    webhook_pages,
)
from stocktrail.interfaces.dashboard import (
    login as entrance,
)

PAGES: tuple[APIRouter, ...] = tuple(
    each.router for each in (
        today, items, item, backorders, orders, setting_pages, events, notices, webhook_pages,
        actions, entrance, assets,
    )
)
"""Every router of the dashboard."""
