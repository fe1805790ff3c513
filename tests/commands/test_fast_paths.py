"""Two ways to the same end: what is done fast is what would have been done with care."""

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from stocktrail.commands.scripts.strict_json import BadJson, parse_json, parse_plain_object
from stocktrail.ledger.orders.events import OrderPlaced
from stocktrail.ledger.stock.events import StockReserved
from stocktrail.ledger.store import Ledger
from tests.store.shop import order, send, stocked

texts = st.text(st.sampled_from('ab":,{}[] \\é\u2028\x00.1e-'), max_size=6)
numbers = st.integers(-(10**21), 10**21) | st.floats(allow_nan=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
separators = st.sampled_from([(", ", ": "), (",", ":"), (" , ", " : "), (",", ": ")])


@given(st.lists(st.tuples(texts, values), max_size=4), separators, st.booleans())
@example([("a", 1), ("a", 1)], (", ", ": "), True)
@example([("a", 1.0)], (", ", ": "), True)
@example([("a", -0.0)], (",", ":"), True)
@example([("a", "1.0")], (",", ":"), True)
@example([("a", ": "), ('"', 'b", "')], (", ", ": "), True)
@example([("a", 2**64 - 1), ("b", -(10**18))], (",", ":"), True)
def test_a_line_that_is_read_fast_says_the_same_read_with_care(
    pairs: list[tuple[str, Any]], separated: tuple[str, str], ascii_only: bool
) -> None:
    comma, colon = separated

    def written(value: Any) -> str:
        return json.dumps(value, separators=separated, ensure_ascii=ascii_only)

    line = "{" + comma.join(f"{written(key)}{colon}{written(value)}" for key, value in pairs) + "}"
    fast = parse_plain_object(line.encode("utf-8", "surrogatepass") + b"\n")
    if fast is None:
        return
    try:
        careful = parse_json(line)
    except BadJson as error:
        raise AssertionError(f"{line!r} was read, but it is {error}") from None
    assert fast == careful
    assert repr(fast) == repr(careful), "no number has become another kind of number"


def test_plain_lines_are_read_fast() -> None:
    line = json.dumps(order("SO-1", "TEA", "SUGAR")).encode()
    assert parse_plain_object(line) is not None
    assert parse_plain_object(line.replace(b'": ', b'":')) is not None


def test_events_that_skip_validation_pass_it(ledger: Ledger) -> None:
    send(ledger, stocked("TEA", "SUGAR", quantity=3))
    send(ledger, [{"command": "set-backorder-policy", "backorders": "allow", "id": "allow"}])
    priced = order("SO-2", "SUGAR")
    priced["lines"][0] |= {"unit_price": "9.99", "line": 7, "requested_date": "2027-01-01"}
    results = send(ledger, [order("SO-1", "TEA", "SUGAR", quantity=2), priced])
    made = [event.payload for result in results for event in result.recorded]
    assert {type(event) for event in made} == {OrderPlaced, StockReserved}
    for event in made:
        again = type(event).model_validate_json(event.to_json())
        assert again == event
        assert again.to_json() == event.to_json()
        assert list(event.__dict__) == list(type(event).model_fields), "in the order of its fields"
        assert event.model_fields_set == set(type(event).model_fields)
