"""Rendering of pages: filters for templates, addresses, and the security headers."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from stocktrail.interfaces.dashboard.columns import FIGURES, NUMERIC
from stocktrail.interfaces.dashboard.shop_time import day_of, moment, shown_in, weekday
from stocktrail.interfaces.service.addresses import BEFORE_DOTS
from stocktrail.ledger.quantity import to_text

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""The headers of every response: no inline scripts, nothing from other origins."""

# ------------------------------------------------------------------ words and numbers


def number(value: Any) -> str:
    """Return a quantity for people: a thin space between thousands, a minus sign.

    >>> number(-12345.5), number(0), number(None)
    ('\u221212\u202f345.5', '0', '')
    """
    if value is None or isinstance(value, str):
        return value or ""
    return f"{value:,}".replace(",", "\u202f").replace("-", "\u2212")


def counted(number_of: Any, one: str, many: str = "") -> str:
    """Return a number of things in words.

    >>> counted(1, "line"), counted(0, "delivery", "deliveries")
    ('1 line', '0 deliveries')
    """
    return f"{number(number_of)} {one if number_of == 1 else many or f'{one}s'}"


_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])|_|-")
_DATE = re.compile(r"(?<![\w-])([0-9]{4}-[0-9]{2}-[0-9]{2})(?![\w-])")
_IN_ONE_PIECE = r'<span class="nowrap">\1</span>'


def words(name: str) -> str:
    """Return a name of a field, event or command as words.

    >>> words("next_receipt_date"), words("OrderPlaced"), words("ship-order")
    ('Next receipt date', 'Order placed', 'Ship order')
    """
    return " ".join(_WORD.split(name)).capitalize().replace("Sku", "SKU")


def named(value: Any) -> Markup:
    """Return a user's text in ``bdi``, so that it cannot change the direction of text around it.

    Dates within it stay in one piece, where browsers break lines at a hyphen.

    >>> named("late <b> since 2026-03-01.")
    Markup('<bdi>late &lt;b&gt; since <span class="nowrap">2026-03-01</span>.</bdi>')
    """
    written = str(escape("" if value is None else str(value)))
    return Markup(f"<bdi>{_DATE.sub(_IN_ONE_PIECE, written)}</bdi>")


def address(path: str, *parts: str) -> str:
    """Return an address with ids, which may hold any character.

    >>> address("/view/items", "a/b c"), address("/view/orders", "..", "why")
    ('/view/items/a%2Fb%20c', '/view/orders/%1F../why')
    """
    apart = (part if part.strip(".") else BEFORE_DOTS + part for part in parts)
    written = (quote(part.encode("utf-8", "backslashreplace"), safe="") for part in apart)
    return "/".join((path, *written))


def with_query(path: str, asked: Iterable[tuple[str, str]]) -> str:
    """Return an address with a query; empty parameters are left out."""
    query = urlencode([(name, value) for name, value in asked if value != ""])
    return f"{path}?{query}" if query else path


def age(moment_text: str | None, now: str) -> str:
    """Return roughly how long ago a moment was.

    >>> age("2026-03-01T09:00:00Z", "2026-03-01T09:00:40Z")
    '40 s ago'
    >>> age("2026-03-01T09:00:00Z", "2026-03-02T09:00:40Z")
    '1 day ago'
    """
    if moment_text is None:
        return ""
    passed = datetime.fromisoformat(now) - datetime.fromisoformat(moment_text)
    seconds = max(int(passed.total_seconds()), 0)
    if seconds >= 86400:
        return f"{counted(seconds // 86400, 'day')} ago"
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return f"{seconds} s ago"


ENVIRONMENT = Environment(
    loader=PackageLoader("stocktrail.interfaces.dashboard"), autoescape=True,
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
)
ENVIRONMENT.filters |= {
    "number": number, "counted": counted, "moment": moment, "words": words, "named": named,
    "age": age, "text": to_text, "day_of": day_of, "weekday": weekday,
}
ENVIRONMENT.globals |= {"address": address, "escape": escape, "numeric_kinds": NUMERIC | FIGURES}


def render(template: str, time_zone: str, **context: Any) -> bytes:
    """Render a template, with times in a time zone; all values are escaped."""
    with shown_in(time_zone):
        page = ENVIRONMENT.get_template(template).render(**context)
    return page.encode("utf-8", "backslashreplace")
