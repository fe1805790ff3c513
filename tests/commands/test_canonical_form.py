"""What is kept of a command, and by what the same one is known: for ever the same bytes."""

from hashlib import blake2b
from typing import Any

import pytest

from stocktrail.commands import COMMANDS
from stocktrail.commands.model import CommandEnvelope
from tests.commands.scenes import read, script

HEADER = {
    "occurred_at": "2026-03-01T09:00:00Z", "correlation_id": 'cart "7"', "expected_version": 3,
    "actor": "Å \\ \",\"sku\":\"",
}


def sent(**fields: Any) -> CommandEnvelope:
    """Read a line as it is sent."""
    [row] = read(script(fields))
    assert row.command is not None
    return CommandEnvelope(row.command, row.id)


def test_the_canonical_form_of_an_order() -> None:
    order = sent(
        command="place-order", id="c-1", group="g", actor="ADA", order="SO-1", customer="BOB",
        lines=[{"sku": "LAMP", "quantity": "5.50", "unit_price": 9.8}],
    )
    fields = (
        b'"order":"SO-1","customer":"BOB","lines":[{"line":1,"sku":"LAMP","quantity":5.5,'
        b'"unit_price":"9.80"}],"pool":"default","priority":5,"ship_policy":"partial"}'
    )
    assert order.body == b'{"command":"place-order","actor":"ADA",' + fields
    assert order.fingerprint == blake2b(order.body, digest_size=16).digest()
    assert order.content == blake2b(b"{" + fields, digest_size=16).hexdigest()


@pytest.mark.parametrize("name", [*COMMANDS])
@pytest.mark.parametrize("header", [{}, HEADER, {"actor": "ADA"}, {"expected_version": 0}])
def test_the_content_is_the_same_whatever_the_header_says(
    name: str, header: dict[str, Any]
) -> None:
    model = COMMANDS[name]
    command = model.model_validate({**model.example, **header})
    fields = model.model_validate(dict(model.example)).model_dump_json(exclude_none=True)
    assert CommandEnvelope(command, "c-1").content == blake2b(
        fields.encode(), digest_size=16
    ).hexdigest()
    assert sent(command=name, **header, **model.example).content == CommandEnvelope(
        command, "c-1"
    ).content
