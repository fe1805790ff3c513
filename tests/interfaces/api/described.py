"""The shop of the examples, served; Schemathesis compares its answers with the description."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from stocktrail.interfaces.api import examples
from stocktrail.interfaces.api.reference import REFERENCE
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.side_tables.access import AccessTokens
from tests.interfaces.api.serving import Served, served

# What is served is what stands in the documents: test_openapi.py compares the two.
DESCRIPTION: dict[str, Any] = orjson.loads(REFERENCE.read_bytes())

# One connection for thousands of requests; without it each asks the environment for proxies too.
_SESSION = requests.Session()
_SESSION.trust_env = False

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance, negative_data_rejection,
    missing_required_header, unsupported_method, ignored_auth,
]


@contextmanager
def serve_examples(url: str) -> Iterator[Served]:
    """Serve the shop of the examples, to those who show a token."""
    with open_ledger(url) as ledger:
        secret, _ = AccessTokens(ledger).create("schemathesis", "admin")
    with served(url, require_token=True, most_wait_seconds=0.1) as running:
        running.client.headers["Authorization"] = f"Bearer {secret}"
        for name, body in examples.COMMANDS.items():
            if name in examples.BEFORE:
                running.client.post("/commands", json=examples.BEFORE[name]).raise_for_status()
            running.accept(name, **body)
        yield running


@schemathesis.serializer("application/jsonl")
def as_lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Send whatever was made up as it stands; rows are judged one by one."""
    return value.encode() if isinstance(value, str) else orjson.dumps(value, default=str)


def validate(case: schemathesis.Case[Any], shop: Served) -> None:
    """Send what was made up, and compare the answer with the description."""
    of_rows = case.media_type == "application/jsonl"
    case.call_and_validate(
        base_url=str(shop.client.base_url),
        checks=[check for check in CHECKS if not (of_rows and check is negative_data_rejection)],
        timeout=30, session=_SESSION,
        headers={"Authorization": shop.client.headers["Authorization"]},
    )
