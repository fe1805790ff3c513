"""Schemathesis against the served description: no 5xx, answers conform, wrong data is rejected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
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

EXAMPLES = 200 if settings.get_current_profile_name() == "thorough" else 3
"""Requests of each kind and operation; ``HYPOTHESIS_PROFILE=thorough`` makes up many more."""

CHECKS = [
    not_a_server_error, status_code_conformance, content_type_conformance,
    response_headers_conformance, response_schema_conformance, negative_data_rejection,
    missing_required_header, unsupported_method, ignored_auth,
]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the shop of the examples, to those who show a token."""
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    url = f"sqlite:///{folder / 'shop.db'}"
    with open_ledger(url) as ledger:
        secret, _ = AccessTokens(ledger).create("schemathesis", "admin")
    with served(url, require_token=True, most_wait_seconds=0.1) as running:
        running.client.headers["Authorization"] = f"Bearer {secret}"
        for name, body in examples.COMMANDS.items():
            if name in examples.BEFORE:
                running.client.post("/commands", json=examples.BEFORE[name]).raise_for_status()
            running.accept(name, **body)
        yield running


# What is served is what stands in the documents: test_openapi.py compares the two.
schema = schemathesis.openapi.from_dict(orjson.loads(REFERENCE.read_bytes())).exclude(
    path="/commands"
)

# Its body is any of all commands. Each has an address of its own too, where its fields are tried
# one by one: doing that once more here would be another 4,000 requests.
any_command = schemathesis.openapi.from_dict(orjson.loads(REFERENCE.read_bytes())).include(
    path="/commands"
)
any_command.config.phases.update(phases=["examples", "fuzzing"])


@schemathesis.serializer("application/jsonl")
def as_lines(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Send whatever was made up as it stands; rows are judged one by one."""
    return value.encode() if isinstance(value, str) else orjson.dumps(value, default=str)


# The service is in this process, and its threads may draw from ``random`` at any moment, which
# Hypothesis takes for a strategy that does.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)

made_up = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)


@schema.parametrize()
@made_up
def test_whatever_is_sent_is_answered_as_described(
    case: schemathesis.Case[Any], shop: Served
) -> None:
    validate(case, shop)


@any_command.parametrize()
@made_up
def test_any_command_at_the_common_address_is_answered_as_described(
    case: schemathesis.Case[Any], shop: Served
) -> None:
    validate(case, shop)


def validate(case: schemathesis.Case[Any], shop: Served) -> None:
    """Send what was made up, and compare the answer with the description."""
    of_rows = case.media_type == "application/jsonl"
    case.call_and_validate(
        base_url=str(shop.client.base_url),
        checks=[check for check in CHECKS if not (of_rows and check is negative_data_rejection)],
        timeout=30, headers={"Authorization": shop.client.headers["Authorization"]},
    )
