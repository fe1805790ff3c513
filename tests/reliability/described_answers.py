"""R24: whatever is sent over HTTP, right or wrong, the answer is as the description says.

Requests are made up from the description itself by Schemathesis: right ones, wrong ones, and walks
in which the next request asks for what the last answer told. No answer may be of the kind 5xx. All
requests of a round go to one shop, which the commands among them change.
"""

import random
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.stateful import run_state_machine_as_test
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation

from tests.interfaces.api.described import CHECKS, DESCRIPTION, serve_examples, validate
from tests.interfaces.api.serving import Served
from tests.reliability.trial import FreshDatabase, ReliabilityTrial

OPERATIONS = 16
CASES = 12
"""Requests of each kind, right or wrong, that are made up for each operation in a round."""

WALKS, STEPS = 5, 8
"""Walks of a round, and the requests of a walk."""

MADE_UP = settings(
    deadline=None, database=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate],
)

Case = schemathesis.Case[Any]
Operation = APIOperation[Any, Any, Any, Any]


def described_answers(number: int, database: FreshDatabase, folder: Path) -> int:
    """Send what was made up to some operations, and walk; count the requests."""
    schema = schemathesis.openapi.from_dict(DESCRIPTION)
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    sent: list[Case] = []
    with serve_examples(database.url) as shop:
        for operation in random.Random(number).sample(operations, OPERATIONS):
            for mode in GenerationMode:
                _try(operation, mode, number, shop, sent)
        _walk(schema, number, shop, sent)
    return len(sent)


def _try(
    operation: Operation, mode: GenerationMode, number: int, shop: Served, sent: list[Case]
) -> None:
    """Send requests of one kind to one operation; to some there is nothing wrong to send."""
    @seed(number)
    @settings(MADE_UP, max_examples=CASES)
    @given(operation.as_strategy(mode))
    def send(case: Case) -> None:
        validate(case, shop)
        sent.append(case)

    try:
        send()
    except Unsatisfiable:
        if mode is not GenerationMode.NEGATIVE:
            raise


def _walk(
    schema: schemathesis.BaseSchema, number: int, shop: Served, sent: list[Case]
) -> None:
    """Walk from answers to what they tell of."""
    def send(_: object, case: Case) -> dict[str, Any]:
        sent.append(case)
        return {
            "base_url": str(shop.client.base_url), "timeout": 30,
            "headers": {"Authorization": shop.client.headers["Authorization"]},
        }

    def compare(_: object, response: Any, case: Case, *more: Any, **named: Any) -> None:
        case.validate_response(response, checks=CHECKS)

    walk = type("Walk", (schema.as_state_machine(),), {
        "get_call_kwargs": send, "validate_response": compare,
    })
    walks = settings(MADE_UP, max_examples=WALKS, stateful_step_count=STEPS)
    run_state_machine_as_test(seed(number)(walk), settings=walks)


TRIALS = [
    ReliabilityTrial(
        "R24", "Whatever can be made up from the description of the API, right, wrong and in turn",
        "no answer is of the kind 5xx, and each is as described", "requests", 20_000,
        described_answers, played_by=("tests/interfaces/api/test_schemathesis.py",),
    ),
]
