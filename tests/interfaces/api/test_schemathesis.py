"""Schemathesis against the served description: no 5xx, answers conform, wrong data is rejected."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from tests.interfaces.api.described import DESCRIPTION, serve_examples, validate
from tests.interfaces.api.serving import Served

EXAMPLES = 200 if settings.get_current_profile_name() == "thorough" else 3
"""Requests of each kind and operation; ``HYPOTHESIS_PROFILE=thorough`` makes up many more."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve the shop of the examples, to those who show a token."""
    folder: Path = tmp_path_factory.mktemp("schemathesis")
    with serve_examples(f"sqlite:///{folder / 'shop.db'}") as running:
        yield running


schema = schemathesis.openapi.from_dict(DESCRIPTION).exclude(path="/commands")

# Its body is any of all commands. Each has an address of its own too, where its fields are tried
# one by one: doing that once more here would be another 4,000 requests.
any_command = schemathesis.openapi.from_dict(DESCRIPTION).include(path="/commands")
any_command.config.phases.update(phases=["examples", "fuzzing"])


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
