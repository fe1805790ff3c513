"""Whom a change of sources and pools looks at: items that lie there, whoever brought them."""

from functools import partial

import pytest

from stocktrail.ledger.store import Ledger, open_ledger
from tests.commands.scenes import (
    Command,
    backorders,
    given,
    order,
    pool,
    product,
    receive,
    send,
    source,
    types,
    waiting,
    when,
)
from tests.counted import counted

DISABLE: Command = {"command": "disable-source", "source": "far"}
ENABLE: Command = {"command": "enable-source", "source": "far"}


def open_shop(ledger: Ledger) -> None:
    """Open a shop that has looked at all its items already, and of which nothing lies far away."""
    given(ledger, source("far"), source("other"), pool("far", "far"), product(), receive(9),
          backorders(), DISABLE, ENABLE)


def test_what_comes_to_a_source_after_it_was_switched_is_taken_back(ledger: Ledger) -> None:
    open_shop(ledger)
    given(ledger, receive(5, source="far"), order("SO-1", 3, pool="far"))
    assert types(when(ledger, **DISABLE)) == ["AllocationRevoked", "SourceDisabled"]
    assert waiting(ledger, "A") == {("SO-1", 1): (0, 3)}
    assert types(when(ledger, **ENABLE)) == ["SourceEnabled", "BackorderAllocated"]


def test_a_new_item_is_known_within_the_group_that_brings_it(ledger: Ledger) -> None:
    open_shop(ledger)
    together = [
        product("B"), receive(5, "B", source="far"), order("SO-1", 3, sku="B", pool="far"), DISABLE,
    ]
    results = send(ledger, *({"group": "G", "id": f"{n}", **each} for n, each in
                             enumerate(together)))
    assert types(results[-1]) == ["AllocationRevoked", "SourceDisabled"]
    assert waiting(ledger, "B") == {("SO-1", 1): (0, 3)}


def test_what_another_writer_brought_is_found(ledger: Ledger) -> None:
    open_shop(ledger)
    with open_ledger(ledger.url) as other:
        given(other, product("B"), receive(5, "B", source="far"),
              order("SO-1", 3, sku="B", pool="far"))
    assert types(when(ledger, **DISABLE)) == ["AllocationRevoked", "SourceDisabled"]


def test_a_pool_that_gains_a_source_serves_its_queue(ledger: Ledger) -> None:
    open_shop(ledger)
    given(ledger, receive(5, source="other"), receive(1, source="far"),
          order("SO-1", 3, pool="far"))
    gains = pool("far", "other", "far")
    assert types(when(ledger, **gains)) == ["PoolDefined", "BackorderAllocated"]
    assert types(when(ledger, **pool("far", "far"))) == ["AllocationRevoked", "PoolDefined"]


@pytest.mark.parametrize("change", [
    DISABLE, ENABLE, pool("far", "far", "other"), pool("far", "other", "far"),
], ids=["disabled", "enabled", "gains a source", "in another order"])
def test_ten_times_the_items_take_no_more_work_when_none_lies_there(
    tmp_path_factory: pytest.TempPathFactory, change: Command
) -> None:
    def work(size: int) -> int:
        folder = tmp_path_factory.mktemp("carried")
        with open_ledger(f"sqlite:///{folder}/{size}.db") as ledger:
            open_shop(ledger)
            skus = [f"I{number}" for number in range(size)]
            given(ledger, *map(product, skus), *(receive(2, sku) for sku in skus),
                  *(order(f"SO-{sku}", 1, sku=sku) for sku in skus))
            if change is ENABLE:
                given(ledger, DISABLE)
            return counted(partial(given, ledger, change))

    assert work(200) <= 1.1 * work(20)
