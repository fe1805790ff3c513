"""Rule 5.9: what holds for every reallocation, over any pools, lines and strategies."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import pytest
from hypothesis import assume
from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.allocation import Claims
from stocktrail.ledger.line_units import LineKey
from stocktrail.ledger.reallocation import Contender, Strategy, fair_shares, reallocate
from stocktrail.ledger.refusal import Refusal

SOURCES = ("north", "east", "south", "west")
STRATEGIES: tuple[Strategy, ...] = ("win", "gain", "redistribute", "fill", "lose", "fair_share")


class Situation(NamedTuple):
    """Lines that take part, what others have, and where the units are; nothing is left free."""

    contenders: list[Contender]
    others: dict[str, int]
    on_hand: dict[str, int]
    sources_of: Mapping[str, Sequence[str]]
    step: int

    def reallocate(self) -> dict[LineKey, int]:
        return reallocate("WIDGET", *self)

    def claims(self, given: Mapping[LineKey, int]) -> Claims | None:
        """Claim what the others have and what is given; nothing when it does not all fit."""
        claims = Claims(self.on_hand, self.sources_of)
        mine = [(each.pool, given[each.key]) for each in self.contenders]
        for pool, quantity in [*self.others.items(), *mine]:
            if claims.add(pool, quantity) < quantity:
                return None
        return claims


@st.composite
def situations(
    draw: st.DrawFn, strategies: Sequence[Strategy] = STRATEGIES, steps: Sequence[int] = (1, 10)
) -> Situation:
    """Draw pools over shared sources, and lines that were served in any order, some of them out."""
    step = draw(st.sampled_from(steps))
    units = st.integers(0, 12).map(lambda number: number * step)
    some_sources = st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3, unique=True)
    sources_of = draw(st.dictionaries(st.sampled_from("PQR"), some_sources, min_size=1))
    on_hand = draw(st.dictionaries(st.sampled_from(SOURCES), units))
    lines = draw(st.lists(
        st.tuples(
            st.sampled_from(sorted(sources_of)), st.integers(1, 9).map(lambda n: n * step),
            st.sampled_from(strategies), st.integers(0, 5),
        ),
        min_size=1, max_size=6,
    ))
    claims = Claims(on_hand, sources_of)
    has = [0] * len(lines)
    for at in draw(st.permutations(range(len(lines)))):
        has[at] = claims.add(lines[at][0], lines[at][1])
    others = dict.fromkeys(sources_of, 0)
    contenders = []
    for at, (pool, wants, strategy, apart) in enumerate(lines):
        if apart:
            contenders.append(Contender(f"SO-{at}", 1, pool, wants, has[at], strategy))
        else:
            others[pool] += has[at]
    assume(contenders)
    return Situation(contenders, others, on_hand, sources_of, step)


def given_or_discard(situation: Situation) -> dict[LineKey, int]:
    try:
        return situation.reallocate()
    except Refusal:
        assume(False)
        raise


@for_all(situations())
def test_units_are_conserved_and_fit_and_nothing_is_left_that_a_line_could_take(
    situation: Situation,
) -> None:
    given = given_or_discard(situation)
    assert sum(given.values()) == sum(each.has for each in situation.contenders)
    assert all(0 <= given[each.key] <= each.wants for each in situation.contenders)
    claims = situation.claims(given)
    assert claims is not None
    for each in situation.contenders:
        assert claims.add(each.pool, each.wants - given[each.key]) == 0


@for_all(situations())
def test_every_strategy_keeps_its_word(situation: Situation) -> None:
    given = given_or_discard(situation)
    for each in situation.contenders:
        if each.strategy == "win":
            assert given[each.key] == each.wants
        if each.strategy == "gain":
            assert given[each.key] >= each.has
        if each.strategy == "fill":
            assert given[each.key] <= each.has


@for_all(situations(("lose", "redistribute", "fair_share", "gain")))
def test_who_loses_has_nothing_that_another_could_take(situation: Situation) -> None:
    given = situation.reallocate()
    kept = {
        each.key: 0 if each.strategy == "lose" else given[each.key]
        for each in situation.contenders
    }
    claims = situation.claims(kept)
    assert claims is not None
    for each in situation.contenders:
        if each.strategy != "lose":
            assert claims.add(each.pool, each.wants - given[each.key]) == 0


@for_all(situations(("win", "gain", "lose", "fill")))
def test_winning_is_refused_exactly_when_it_does_not_fit_beside_what_must_be_kept(
    situation: Situation,
) -> None:
    needs = {
        each.key: {"win": each.wants, "gain": each.has}.get(each.strategy, 0)
        for each in situation.contenders
    }
    if situation.claims(needs) is not None:
        situation.reallocate()
    else:
        with pytest.raises(Refusal) as refused:
            situation.reallocate()
        assert refused.value.code == "not_enough_on_hand"


@for_all(situations(("redistribute",)))
def test_who_is_behind_in_the_queue_takes_nothing_from_who_is_before(situation: Situation) -> None:
    given = situation.reallocate()
    for count in range(len(situation.contenders)):
        without_those_behind = situation._replace(contenders=situation.contenders[:count])
        for place, quantity in without_those_behind.reallocate().items():
            assert given[place] == quantity


# ------------------------------------------------------------------ fair shares


@for_all(
    st.integers(0, 200), st.lists(st.integers(1, 50), min_size=1, max_size=8),
    st.sampled_from([1, 10_000]),
)
def test_fair_shares_add_up_and_differ_from_the_exact_proportion_by_less_than_a_step(
    total: int, wants: list[int], step: int
) -> None:
    shares = fair_shares(total * step, [want * step for want in wants], step)
    shared = min(total, sum(wants))
    assert sum(shares) == shared * step
    for share, want in zip(shares, wants, strict=True):
        exact = Fraction(shared * want, sum(wants)) * step
        assert abs(share - exact) < step
        assert share % step == 0


@for_all(st.integers(0, 200), st.lists(st.integers(1, 50), min_size=2, max_size=8))
def test_who_wants_more_never_gets_less(total: int, wants: list[int]) -> None:
    shares = fair_shares(total, wants, 1)
    for want, share in zip(wants, shares, strict=True):
        assert all(less <= share
                   for less, other in zip(shares, wants, strict=True) if other < want)


@for_all(situations(("fair_share",)))
def test_nobody_has_a_larger_part_at_the_expense_of_a_smaller_one(situation: Situation) -> None:
    given = situation.reallocate()
    step = situation.step
    for rich in situation.contenders:
        for poor in situation.contenders:
            if given[rich.key] < step or given[poor.key] == poor.wants or rich is poor:
                continue
            shifted = {**given, rich.key: given[rich.key] - step}
            shifted[poor.key] += step
            if situation.claims(shifted) is not None:
                less = Fraction(given[rich.key] - step, rich.wants)
                more = Fraction(given[poor.key] + step, poor.wants)
                assert less < more


@for_all(situations(("fair_share",), steps=(1,)))
def test_a_finer_step_gives_the_same_shares_to_within_a_coarse_step(situation: Situation) -> None:
    coarse = situation.reallocate()
    finer = situation._replace(
        contenders=[
            each._replace(wants=each.wants * 1_000, has=each.has * 1_000)
            for each in situation.contenders
        ],
        others={pool: quantity * 1_000 for pool, quantity in situation.others.items()},
        on_hand={source: quantity * 1_000 for source, quantity in situation.on_hand.items()},
    ).reallocate()
    for place, quantity in coarse.items():
        assert abs(Fraction(finer[place], 1_000) - quantity) < 1 + Fraction(1, 1_000)
