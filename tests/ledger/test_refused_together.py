"""Many refusals of one command: few are named, and all are counted."""

import pytest

from stocktrail.ledger.refusal import MOST_NAMED, Refusal, is_kept, refuse_all


def refusals(count: int) -> list[Refusal]:
    """Return so many refusals, each with a sentence of its own."""
    return [Refusal("unknown_sku", f"{n} is unknown.", sku=str(n)) for n in range(count)]


def test_of_nothing_that_is_refused_nothing_is_said() -> None:
    refuse_all([])


def test_few_refusals_are_all_named() -> None:
    with pytest.raises(Refusal) as refused:
        refuse_all(refusals(MOST_NAMED))
    assert len(refused.value.details["failures"]) == MOST_NAMED
    assert "failure_count" not in refused.value.details


@pytest.mark.parametrize(("more", "said"), [
    (1, "9 is unknown. There is 1 more of these."),
    (9_990, "9 is unknown. There are 9,990 more of these."),
])
def test_of_many_refusals_ten_are_named_and_all_are_counted(more: int, said: str) -> None:
    with pytest.raises(Refusal) as refused:
        refuse_all(refusals(MOST_NAMED + more))
    assert len(refused.value.details["failures"]) == MOST_NAMED
    assert refused.value.details["failure_count"] == MOST_NAMED + more
    assert refused.value.message.endswith(said)


def test_one_that_is_judged_anew_is_named_however_many_stand_before_it() -> None:
    lasting = [Refusal("min_sale", f"{n} is too few.") for n in range(MOST_NAMED + 5)]
    with pytest.raises(Refusal) as refused:
        refuse_all([*lasting, Refusal("unknown_sku", "A is unknown."), *lasting])
    assert not is_kept(refused.value.as_json())
    with pytest.raises(Refusal) as refused:
        refuse_all(lasting)
    assert is_kept(refused.value.as_json())
