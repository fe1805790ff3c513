"""Rule 4.14: what has not happened yet by the ledger's clock, give or take a day, is refused."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import orjson
import pytest

from stocktrail.commands.model import COMMANDS
from stocktrail.commands.scripts.reading import read_json_lines
from stocktrail.commands.scripts.results import Result
from stocktrail.commands.scripts.submission import submit, submit_one
from stocktrail.interfaces.api import examples
from stocktrail.ledger.instant import parse_moment, to_instant
from stocktrail.ledger.store import Ledger, open_ledger

NOW = "2026-03-01T08:00:00.000000Z"
IN_A_DAY = "2026-03-02T08:00:00.000000Z"
LATER = "2026-03-02T08:00:00.000001Z"


@pytest.fixture
def ledger(database_url: str) -> Iterator[Ledger]:
    """Open an empty ledger whose clock stands at 08:00 on the first of March."""
    with open_ledger(database_url, clock=lambda: to_instant(parse_moment(NOW))) as opened:
        yield opened


def send(ledger: Ledger, command: str, *, dry_run: bool = False, **fields: Any) -> Result:
    """Submit one command."""
    model = COMMANDS[command].model_validate_json(orjson.dumps(fields))
    return submit_one(ledger, model, dry_run=dry_run)


def test_what_occurs_more_than_a_day_from_now_is_refused(ledger: Ledger) -> None:
    refused = send(ledger, "register-product", sku="A", occurred_at=LATER)
    assert (refused.status, refused.code) == ("rejected", "occurred_in_future")
    assert refused.details == {"occurred_at": LATER, "now": NOW}
    assert "more than 24 hours after now" in str(refused.message)
    assert ledger.head().position == 0


def test_clocks_that_differ_by_a_day_are_no_reason_to_refuse(ledger: Ledger) -> None:
    assert send(ledger, "register-product", sku="A", occurred_at=IN_A_DAY).status == "accepted"


def test_it_is_so_for_every_command_before_anything_else_is_judged(ledger: Ledger) -> None:
    for name, fields in examples.COMMANDS.items():
        assert send(ledger, name, **fields, occurred_at=LATER).code == "occurred_in_future"


def test_a_dry_run_says_so_too(ledger: Ledger) -> None:
    refused = send(ledger, "register-product", sku="A", occurred_at=LATER, dry_run=True)
    assert refused.code == "occurred_in_future"


def test_a_group_with_a_date_in_the_future_is_recorded_not_at_all(ledger: Ledger) -> None:
    script = (
        b'{"command": "register-product", "sku": "A", "group": "g"}\n'
        b'{"command": "receive-stock", "sku": "A", "quantity": 1, "group": "g", '
        b'"occurred_at": "2062-03-02T00:00:00Z"}\n'
    )
    results = list(submit(ledger, read_json_lines(BytesIO(script))))
    assert [each.status for each in results] == ["group_failed", "rejected"]
    assert results[1].code == "occurred_in_future"
    assert ledger.head().position == 0
