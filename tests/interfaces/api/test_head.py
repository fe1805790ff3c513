"""HEAD: the headers of GET wherever GET is taken, and no body, not even one without end."""

from typing import Any

import httpx

from tests.interfaces.api.serving import Served

ADDRESSES = [
    "/stock", "/stock/WIDGET", "/stock/WIDGET/availability?quantity=4", "/explain/stock/WIDGET",
    "/events?limit=1", "/schemas", "/webhooks", "/healthz", "/openapi.json", "/asyncapi.json",
    "/view/items", "/view/login", "/view/items?format=csv", "/stock/NOTHING", "/stock?limit=0",
    "/nothing", "/commands", "/commands/receive-stock",
]

_DIFFERS = ("date", "x-request-id", "set-cookie")


def headers_of(answer: httpx.Response) -> dict[str, str]:
    """Return the headers but for those that differ with every request."""
    return {name: value for name, value in answer.headers.items() if name not in _DIFFERS}


def test_head_is_answered_with_the_headers_of_get_and_no_body(sqlite_shop: Served) -> None:
    plain = {"Accept-Encoding": "identity"}
    for address in ADDRESSES:
        asked = sqlite_shop.client.get(address, headers=plain)
        head = sqlite_shop.client.head(address, headers=plain)
        assert (head.status_code, head.content) == (asked.status_code, b""), address
        assert headers_of(head) == headers_of(asked), address
        # A table is written while it is read, so nobody knows its length before.
        length = head.headers.get("Content-Length")
        assert (length is None) == address.endswith("format=csv"), address
        assert int(length or len(asked.content)) == len(asked.content) > 0, address


def test_head_of_what_only_takes_post_is_405(sqlite_shop: Served) -> None:
    answer = sqlite_shop.client.head("/commands")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


def test_a_tag_that_is_known_is_304_to_head_too(sqlite_shop: Served) -> None:
    tag = sqlite_shop.client.head("/stock/WIDGET").headers["ETag"]
    again = sqlite_shop.client.head("/stock/WIDGET", headers={"If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"]) == (304, tag)
    assert sqlite_shop.client.get("/stock/WIDGET").headers["ETag"] == tag


def test_head_of_a_stream_without_end_ends_at_once(sqlite_shop: Served) -> None:
    streaming: dict[str, Any] = {"headers": {"Accept": "text/event-stream"}}
    for _ in range(2):                  # and the connection takes the next request
        answer = sqlite_shop.client.head("/events", **streaming)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert "stocktrail_event_streams 0.0" in sqlite_shop.client.get("/metrics").text
    with sqlite_shop.client.stream("GET", "/events", **streaming) as stream:
        assert headers_of(answer).items() <= headers_of(stream).items()


def test_head_is_measured_by_its_route(sqlite_shop: Served) -> None:
    sqlite_shop.client.head("/stock/WIDGET")
    measured = sqlite_shop.client.get("/metrics").text
    assert 'requests_total{method="HEAD",route="/stock/{sku:id}",status="200"} 1.0' in measured
