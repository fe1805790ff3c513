"""Events that a decision makes without validation are those that validation would let through."""

from stocktrail.ledger.orders.events import OrderPlaced
from stocktrail.ledger.stock.events import StockReserved
from stocktrail.ledger.store import Ledger
from tests.store.shop import order, send, stocked


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
