"""The first rows of many are those of the sorted list, whatever they are sorted by."""

from operator import itemgetter

from hypothesis import given
from hypothesis import strategies as st

from stocktrail.projections.answers.sorted_page import Page, cut, first_rows

values = st.lists(st.none() | st.integers(0, 4), max_size=12)


@given(
    values, st.sampled_from(["promise_date", "units"]), st.booleans(), st.integers(1, 5),
    st.none() | st.tuples(st.none() | st.integers(0, 4), st.integers(0, 12)),
)
def test_the_first_rows_are_those_of_the_sorted_list(
    drawn: list[int | None], column: str, descending: bool, limit: int,
    after: tuple[int | None, int] | None,
) -> None:
    rows = [(value, number) for number, value in enumerate(drawn)]
    page = Page(column, descending, limit, after)
    expected, _ = cut(rows, page, itemgetter(0), itemgetter(slice(1, 2)))
    assert first_rows(rows, page, itemgetter(0), itemgetter(slice(1, 2))) == expected
