"""Lists: what is found, counted, added up and paged is the same in memory and in the database."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections.answers.lists.definition import COUNT, QUANTITY, TEXT, ListDefinition
from stocktrail.projections.answers.lists.parts import (
    ListPart,
    RowsAddedUp,
    RowsInDatabase,
    RowsInMemory,
    list_report,
)
from stocktrail.projections.questions.purchase_orders import PurchaseOrderList
from tests.projections.purchasing import Purchasing

TOYS = ListDefinition(
    "toys", key=("shelf", "toy"),
    columns={"shelf": COUNT, "toy": TEXT, "maker": TEXT, "due_date": TEXT, "units": QUANTITY},
    facets=("red", "units"), flags={"units": "has_units"}, searched=("toy", "maker"),
    totals=("units",), sort="toy",
)
TYPES = {
    "shelf": "BIGINT", "toy": "TEXT", "maker": "TEXT", "due_date": "TEXT", "units": "BIGINT",
    "red": "BIGINT", "has_units": "BIGINT",
}

texts = st.text("aB%!_éÉ", max_size=2)
toys = st.lists(
    st.fixed_dictionaries({
        "shelf": st.integers(1, 3), "toy": texts, "maker": st.none() | texts,
        "due_date": st.none() | st.sampled_from(("2026-03-01", "2026-03-02")),
        "units": st.sampled_from((0, 5, 10_000, 2**62)), "red": st.integers(0, 1),
    }), min_size=1, max_size=9, unique_by=lambda toy: (toy["shelf"], toy["toy"]),
).map(lambda drawn: [{**toy, "has_units": toy["units"] != 0} for toy in drawn])
asked = st.fixed_dictionaries({
    "search": st.sampled_from(("", "a", "B", "%", "b!", "é", "aÉ")),
    "facets": st.lists(st.sampled_from(TOYS.facets), unique=True),
    "sort": st.sampled_from([None, *TOYS.columns, *(f"-{name}" for name in TOYS.columns)]),
})


def query_of(rows: list[dict[str, Any]]) -> tuple[str, Mapping[str, Any]]:
    """Write rows as a query, with its parameters."""
    selects: list[str] = []
    parameters: dict[str, Any] = {}
    for number, row in enumerate(rows):
        parameters |= {
            f"{name}_{number}": int(value) if kind == "BIGINT" else value
            for name, kind in TYPES.items() for value in [row[name]]
        }
        selects.append("SELECT " + ", ".join(
            f"CAST(:{name}_{number} AS {kind}) AS {name}" for name, kind in TYPES.items()
        ))
    return " UNION ALL ".join(selects), parameters


def read_by_pages(parts: Any, *, limit: int | None, **wished: Any) -> list[Any]:
    """Read a list page by page; every page says the same of all of them."""
    rows: list[Any] = []
    after: str | None = None
    said: Any = None
    while True:
        wanted = TOYS.wanted(limit=limit, after=after, **wished)
        page = list_report(wanted, parts(wanted))
        about = {name: page[name] for name in ("total", "facets", "totals")}
        assert said in (None, about)
        rows, said, after = rows + page["rows"], about, page["next"]
        assert len(rows) <= about["total"]
        if after is None:
            assert len(rows) == about["total"]
            return [rows, about]
        assert len(page["rows"]) == limit


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=toys, wished=asked, limit=st.integers(1, 4), share=st.integers(0, 9))
def test_a_list_is_the_same_whatever_knows_its_rows(
    purchasing: Purchasing, drawn: list[dict[str, Any]], wished: dict[str, Any], limit: int,
    share: int,
) -> None:
    with purchasing.models.reading() as (_, cursor, _):
        def in_memory(wanted: Any) -> list[ListPart]:
            return [RowsInMemory(wanted, drawn)]

        def in_the_database(wanted: Any) -> list[ListPart]:
            return [RowsInDatabase(wanted, cursor, *query_of(drawn))]

        def added_up(wanted: Any) -> list[ListPart]:
            return [RowsAddedUp(wanted, cursor, *query_of(drawn))]

        def in_both(wanted: Any) -> list[ListPart]:
            few, many = drawn[:share], drawn[share:]
            return [
                RowsInMemory(wanted, few),
                *([RowsInDatabase(wanted, cursor, *query_of(many))] if many else []),
            ]

        whole = read_by_pages(in_memory, limit=None, **wished)
        for parts in (in_memory, in_the_database, added_up, in_both):
            assert read_by_pages(parts, limit=limit, **wished) == whole


@pytest.mark.parametrize(("search", "found"), [
    ("tea", ["Tea 50%"]), ("50%", ["Tea 50%"]), ("_", []), ("kö", ["KÖLN"]), ("o", []),
])
def test_a_search_takes_part_of_a_word_literally_in_any_case(search: str, found: list[str]) -> None:
    rows = [
        {"shelf": 1, "toy": toy, "maker": None, "due_date": None, "units": 0, "red": 0,
         "has_units": 0} for toy in ("Tea 50%", "KÖLN")
    ]
    wanted = TOYS.wanted(search=search, facets=(), sort=None, limit=None, after=None)
    report = list_report(wanted, [RowsInMemory(wanted, rows)])
    assert [row["toy"] for row in report["rows"]] == found


@pytest.mark.parametrize(("wished", "code"), [
    ({"facet": "pink"}, "unknown_facet"), ({"sort": "colour"}, "unknown_column"),
    ({"columns": "vendor,colour"}, "unknown_column"), ({"after": "WyJ4Il0"}, "bad_page"),
])
def test_what_a_list_does_not_have_is_refused(
    purchasing: Purchasing, wished: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        PurchaseOrderList(**wished).answer(purchasing.models)
    assert refused.value.code == code


def test_columns_that_are_chosen_are_the_rows_in_their_order(purchasing: Purchasing) -> None:
    purchasing.buy("PO-1", 5, 2)
    chosen = PurchaseOrderList(columns=["remaining,vendor", "purchase_order"])
    (row,) = chosen.answer(purchasing.models)["rows"]
    assert list(row.items()) == [("remaining", 5), ("vendor", "Acme"), ("purchase_order", "PO-1")]
    assert chosen.ask(purchasing.models).rows[0].status == "open"
