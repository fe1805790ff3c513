"""Tables that are built aside: written in turns, and complete with their keys when they go live."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from stocktrail.ledger.refusal import Refusal
from stocktrail.ledger.store import StorageError, tables
from stocktrail.ledger.store.tables import Cursor, ShortTransactions
from stocktrail.projections.models.setting_levels import SOURCE
from stocktrail.projections.models.stock_history import STOCK_HISTORY
from stocktrail.projections.rebuild.lease import begin_lease
from stocktrail.projections.verify import verify
from tests.projections.shop import Shop
from tests.projections.test_history import a_busy_week
from tests.projections.test_several_processes import of_another_release

ROWS = [(f"source-{number}", None, 1) for number in range(5)]


class OvertakenAfterOneTurn:
    """The database of a rebuild; another one begins as soon as it has written once."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.lease = begin_lease(shop.models.side_tables)
        self.reading = self.lease.reading

    @contextmanager
    def writing(self) -> Iterator[Cursor]:
        """Write as the lease does, and let the other one begin afterwards."""
        with self.lease.writing() as cursor:
            yield cursor
        begin_lease(self.shop.models.side_tables)


def test_others_get_between_the_turns_in_which_rows_are_written(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.models.catch_up()
    of_another_release(shop)
    monkeypatch.setattr(tables, "ROWS_PER_TURN", 2)
    lease = begin_lease(shop.models.side_tables)
    aside = lease.shadow_tables().table(SOURCE)
    aside.put(ShortTransactions(lease), ROWS)
    with lease.reading() as cursor:
        assert len(aside.rows(cursor)) == len(ROWS)
    with lease.writing() as cursor:
        aside.take_out(cursor, [(source,) for source, *_ in ROWS])
    with pytest.raises(Refusal, match="Another rebuild"):
        aside.put(ShortTransactions(OvertakenAfterOneTurn(shop)), ROWS)
    with lease.reading() as cursor:
        assert len(aside.rows(cursor)) == 2


def test_a_history_that_was_rebuilt_has_its_key(shop: Shop) -> None:
    a_busy_week(shop)
    shop.models.rebuild()
    with shop.models.side_tables.reading() as cursor:
        known = STOCK_HISTORY.rows(cursor, "ORDER BY position LIMIT 1")
    assert known
    with pytest.raises(StorageError), shop.models.side_tables.writing() as cursor:
        STOCK_HISTORY.put_rows(cursor, known)
    assert verify(shop.models).ok
