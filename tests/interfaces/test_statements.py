"""No question runs a statement for each of its rows: a large shop is asked as a small one is."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from stocktrail.interfaces.every_question import AnyQuestion, every_question
from stocktrail.ledger.store import open_ledger
from stocktrail.ledger.store.postgres import pipeline, reading
from stocktrail.ledger.store.sqlite import connection_pools
from stocktrail.projections import ReadModels
from tests.interfaces.api.serving import Served, served
from tests.interfaces.growing_shop import growing_shop
from tests.postgres_server import PostgresServer, ServerElsewhere, drop_schema, new_schema
from tests.store.shop import send, statuses

SMALL, LARGE = 6, 24
SLACK = 5
"""Statements that a larger log takes to be halved, or a longer list for its next page."""

AFTER = {"today": "2026-03-24", "quantity": "4", "limit": 500, "from_": 1}
KEYS = {
    "sku": "HOT", "customer": "ANNA", "order": "SO-ALL", "purchase_order": "PO-ALL", "line": 1,
    "webhook": "hook-0", "text": "O-", "vendor": "V-1", "receipt": "GR-ALL",
    "moment": "2026-01-02",
}
VIEWS: tuple[dict[str, Any], ...] = (
    {"by": "item"}, {"by": "customer"}, {"by": "vendor"}, {"by": "item", "uncovered": True},
    {"by": "customer", "item": "HOT", "slipped": True, "sort": "-days_slipped"},
    {"by": "vendor", "item": "HOT", "sort": "-pegged"},
)


_VALUES = re.compile(r"(?:(?:'[^']*'|%\(\w+\)s|\b\d+\b)(?:, ?)?)+")
"""Values, and the names of parameters, as many as there are of one kind."""


class Statements:
    """Counts the statements that are run in this process, by their text."""

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()

    def note(self, statement: object) -> None:
        """Count one more."""
        text = statement.decode() if isinstance(statement, bytes) else str(statement)
        first, _, _ = " ".join(text.split()).partition(" UNION ALL ")     # of as many as need be
        if first not in ("BEGIN", "COMMIT", "ROLLBACK"):
            self.counted[_VALUES.sub("?", first)] += 1

    @contextmanager
    def seen(self) -> Iterator[None]:
        """Count what connections run that are made in the block, or by then on a server."""
        connect = connection_pools.FilePool._connect
        execute, run = psycopg.Cursor.execute, pipeline.run_pipeline

        def connect_traced(pool: Any, name: str) -> Any:
            connection = connect(pool, name)
            connection.set_trace_callback(self.note)
            return connection

        def execute_traced(cursor: Any, statement: Any, *rest: Any, **named: Any) -> Any:
            self.note(statement)
            return execute(cursor, statement, *rest, **named)

        def run_traced(connection: Any, calls: Any) -> Any:
            for statement, _ in calls:
                self.note(statement.name)
            return run(connection, calls)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(connection_pools.FilePool, "_connect", connect_traced)
            patch.setattr(psycopg.Cursor, "execute", execute_traced)
            patch.setattr(reading, "run_pipeline", run_traced)
            yield


class GrowingShop:
    """A shop of one size on one database, opened anew so that nothing is cached."""

    def __init__(self, url: str, size: int) -> None:
        with open_ledger(url) as ledger:
            results = send(ledger, growing_shop(size))
            assert set(statuses(results)) == {"accepted"}
            ReadModels(ledger).catch_up()
        self.statements = Statements()
        with self.statements.seen():
            self.ledger = open_ledger(url)
        self.models = ReadModels(self.ledger)
        self.head = self.ledger.head().position

    def statements_of(self, question: AnyQuestion, fields: dict[str, Any]) -> Counter[str]:
        """Ask a question, and return the statements that it runs."""
        asked = question.model_validate(fields)
        with self.statements.seen():
            asked.answer(self.models)            # what is cached, is now
            self.statements.counted.clear()
            asked.answer(self.models)
        return self.statements.counted.copy()


    def statements_of_page(self, served: Served, address: str) -> Counter[str]:
        """Ask for a page, and return the statements that are run meanwhile."""
        self.statements.counted.clear()
        assert served.client.get(address).status_code == 200
        return self.statements.counted.copy()


Shops = tuple[GrowingShop, GrowingShop]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shops(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shops]:
    """Return a small shop and a large one; scenes only ask them."""
    if request.param == "sqlite":
        folder: Path = tmp_path_factory.mktemp("growing")
        yield _both(*(f"sqlite:///{folder / name}.db" for name in ("small", "large")))
        return
    server: PostgresServer | ServerElsewhere = request.getfixturevalue("postgres")
    schemas = new_schema(), new_schema()
    shops = _both(*map(server.url, schemas))
    yield shops
    for shop in shops:
        shop.ledger.close()
    for schema in schemas:
        drop_schema(server, schema)


def _both(small: str, large: str) -> Shops:
    return GrowingShop(small, SMALL), GrowingShop(large, LARGE)


def asked_in_every_way(question: AnyQuestion, head: int) -> Iterator[dict[str, Any]]:
    """Yield the fields of a question about what has many rows: now, and as of a moment."""
    fields = {
        field.alias or name: (KEYS | AFTER)[name]
        for name, field in question.model_fields.items() if name in AFTER or (
            name in KEYS and field.is_required()
        )
    }
    for view in VIEWS if "by" in question.model_fields else ({},):
        way = {**fields, **view}
        yield way
        if "as_of" in question.model_fields:
            yield {**way, "as_of": head - 1}
        if "occurred_as_of" in question.model_fields:
            yield {**way, "occurred_as_of": "2126-01-01T00:00:00Z"}


@pytest.mark.parametrize("question", every_question(), ids=lambda each: each.question)
def test_a_question_runs_as_many_statements_in_a_large_shop(
    shops: Shops, question: AnyQuestion
) -> None:
    small, large = shops
    for of_small, of_large in zip(
        asked_in_every_way(question, small.head), asked_in_every_way(question, large.head),
        strict=True,
    ):
        few = small.statements_of(question, of_small)
        many = large.statements_of(question, of_large)
        assert many.total() <= few.total() + SLACK, {
            text: (few[text], count) for text, count in many.items() if count > few[text]
        }


PAGES = (
    "/", "/view/items?limit=500", "/view/items/HOT", "/view/items/HOT/chart", "/view/items/HOT/why",
    "/view/items/HOT/movements?limit=500", "/view/backorders/item?limit=500",
    "/view/backorders/customer?limit=500", "/view/backorders/vendor?limit=500", "/view/backlog",
    "/view/orders/SO-ALL", "/view/orders/SO-ALL/why", "/view/purchase-orders/PO-ALL",
    "/view/events?limit=500", "/view/notices", "/view/low-stock?limit=500",
    "/view/settings?sku=HOT", "/view/settings", "/view/webhooks",
)


def test_a_page_runs_as_many_statements_in_a_large_shop(shops: Shops) -> None:
    """What the service asks in the background meanwhile, it asks a few times at most."""
    counted: list[dict[str, Counter[str]]] = []
    for shop in shops:
        with shop.statements.seen(), served(
                shop.ledger.url, deliver_webhooks=False, deliver_notices=False
            ) as service:
            shop.statements_of_page(service, "/")          # what a service does first
            counted.append({
                f"{page}{moment}": shop.statements_of_page(service, f"{page}{moment}")
                for page in PAGES
                for moment in ("", f"{'&' if '?' in page else '?'}as_of={shop.head - 1}")
            })
    for page, few, many in zip(counted[0], counted[0].values(), counted[1].values(), strict=True):
        more = {
            text: (few[text], count) for text, count in many.items()
            if count > few[text] + 2 * SLACK
        }
        assert few, page
        assert not more, page
