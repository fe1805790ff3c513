"""Whoever asks in Unicode's decomposed form finds what is kept composed, by every way in."""

import pytest

from tests.interfaces.terminal import Terminal

COMPOSED, DECOMPOSED = "caf\u00e9", "cafe\u0301"
ASKED: tuple[tuple[str, ...], ...] = (
    ("stock", "ID"), ("stock", "ID", "--pool", "p-ID"), ("stock", "--pool", "p-ID"),
    ("availability", "ID", "--quantity", "1"), ("order", "o-ID"), ("purchase-order", "po-ID"),
    ("customer", "c-ID"), ("history", "ID"), ("flow", "ID"), ("promise", "ID", "--quantity", "1"),
    ("explain", "stock", "ID"), ("explain", "order", "o-ID"), ("explain", "promise", "o-ID", "1"),
    ("replay", "ID"), ("backorders", "--by", "customer", "--item", "ID"),
    ("backorders", "--by", "customer", "--customer", "c-ID"),
    ("backorders", "--by", "vendor", "--vendor", "v-ID"),
    ("backorders", "--by", "item", "--pool", "p-ID"),
    ("backorders", "--by", "vendor", "--source", "s-ID"),
)


@pytest.fixture
def cafe(terminal: Terminal) -> Terminal:
    """Return a shop in which everything has a name with an accent."""
    answer = terminal.submit(
        {"command": "register-source", "source": f"s-{COMPOSED}"},
        {"command": "define-pool", "pool": f"p-{COMPOSED}",
         "sources": [f"s-{COMPOSED}", "default"]},
        {"command": "register-product", "sku": COMPOSED},
        {"command": "set-backorder-policy", "backorders": "allow"},
        {"command": "receive-stock", "sku": COMPOSED, "quantity": 1},
        {"command": "register-customer", "customer": f"c-{COMPOSED}", "name": "Zo\u00eb"},
        {"command": "place-order", "order": f"o-{COMPOSED}", "customer": f"c-{COMPOSED}",
         "lines": [{"sku": COMPOSED, "quantity": 3}]},
        {"command": "place-purchase-order", "purchase_order": f"po-{COMPOSED}",
         "vendor": f"v-{COMPOSED}", "source": f"s-{COMPOSED}",
         "lines": [{"sku": COMPOSED, "quantity": 2, "expected_date": "2031-03-20"}]},
    )
    assert answer.status == 0, answer.out
    return terminal


@pytest.mark.parametrize("asked", ASKED, ids=" ".join)
def test_a_question_finds_it_in_either_spelling(cafe: Terminal, asked: tuple[str, ...]) -> None:
    found = cafe.ask(*(word.replace("ID", DECOMPOSED) for word in asked))
    assert found == cafe.ask(*(word.replace("ID", COMPOSED) for word in asked))
    assert found.get("rows", True)


def test_events_of_a_stream_are_found_in_either_spelling(cafe: Terminal) -> None:
    found = cafe.type("events", "--stream", f"stock/{DECOMPOSED}", "--json").rows
    assert {each["stream"] for each in found} == {f"stock/{COMPOSED}"}
