"""The routers of all pages, as the application includes them; each route checks access itself."""

from fastapi import APIRouter

from stocktrail.interfaces.dashboard import (
    actions,
    assets,
    backorders,
    events,
    item,
    items,
    login,
    notices,
    orders,
    setting_pages,
    today,
    webhook_pages,
)

PAGES: tuple[APIRouter, ...] = tuple(
    each.router for each in (
        today, items, item, backorders, orders, setting_pages, events, notices, webhook_pages,
        actions, login, assets,
    )
)
"""Every router of the dashboard."""
