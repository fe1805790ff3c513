"""The reference itself is compared with trying every assignment of units to pools."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.reference.sharing import fits, free, may_leave, most_by_trying

REACH = {"one": ["shared", "own"], "two": ["shared"], "three": ["own", "far"]}
amounts = st.integers(0, 3)
at_sources = st.fixed_dictionaries(dict.fromkeys(("shared", "own", "far"), amounts))
claims_of_pools = st.fixed_dictionaries(dict.fromkeys(REACH, amounts))


def exact(numbers: dict[str, int]) -> dict[str, Decimal]:
    """Turn whole numbers into units."""
    return {name: Decimal(number) for name, number in numbers.items()}


@given(st.sampled_from(sorted(REACH)), claims_of_pools, at_sources)
def test_free_is_what_the_best_assignment_leaves(
    pool: str, claims: dict[str, int], there: dict[str, int]
) -> None:
    best = most_by_trying(pool, claims, there, REACH)
    assert fits(exact(claims), exact(there), REACH) == (best >= 0)
    if best >= 0:
        assert free(pool, exact(claims), exact(there), REACH) == best


@given(st.sampled_from([(pool, source) for pool in REACH for source in REACH[pool]]),
       claims_of_pools, at_sources)
def test_what_may_leave_a_source_is_the_most_after_which_the_rest_still_fits(
    way: tuple[str, str], claims: dict[str, int], there: dict[str, int]
) -> None:
    pool, source = way
    if not fits(exact(claims), exact(there), REACH):
        return
    fitting = [
        units for units in range(min(claims[pool], there[source]) + 1)
        if fits(
            exact({**claims, pool: claims[pool] - units}),
            exact({**there, source: there[source] - units}), REACH,
        )
    ]
    assert may_leave(source, pool, exact(claims), exact(there), REACH) == max(fitting)
