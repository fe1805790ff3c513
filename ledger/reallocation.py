"""Reallocation: distributing the units of an item again among the lines that want them.

The strategies are those of SAP's backorder processing, decided in this order:

1. every ``gain`` line keeps what it has;
2. every ``win`` line gets all that it wants, or the whole reallocation is refused;
3. ``gain`` lines get up to what they want;
4. ``fair_share`` lines get the same part of what they want;
5. ``redistribute`` lines get what is left, in queue order, whatever they had;
6. ``fill`` lines get back at most what they had: they never gain;
7. ``lose`` lines give up what they had, and get back only what nobody else takes.

Nothing is left free that a waiting line could take. The lines had as much before as there is, and
all but ``fill`` lines may take up to what they want: so the units that a ``fill`` line must not
gain are always taken by another, at the latest by the line that had them.

Rule 5.9 is the source.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, NamedTuple

from stocktrail.ledger.allocation import Claims
from stocktrail.ledger.line_units import LineKey
from stocktrail.ledger.quantity import to_number, to_text
from stocktrail.ledger.refusal import Refusal, refuse_all

Strategy = Literal["win", "gain", "redistribute", "fill", "lose", "fair_share"]
"""How a line is treated when the units of an item are distributed again."""


class Contender(NamedTuple):
    """A line that takes part: what it wants in all, what it has, and how it is treated."""

    order: str
    line: int
    pool: str
    wants: int
    has: int
    strategy: Strategy

    @property
    def key(self) -> LineKey:
        """Which line of which order it is."""
        return (self.order, self.line)


def reallocate(
    sku: str,
    contenders: Sequence[Contender],
    others: Mapping[str, int],
    on_hand: Mapping[str, int],
    sources_of: Mapping[str, Sequence[str]],
    step: int,
) -> dict[LineKey, int]:
    """Distribute what may be sold of an item, and return what each contender has then.

    ``contenders`` stand in queue order. ``others`` counts what the lines that take no part have, by
    pool; ``step`` is the smallest part of the item that can be shared out. Refuses with
    ``not_enough_on_hand``, naming every ``win`` line that cannot get all that it wants.
    """
    claims = Claims(on_hand, sources_of)
    for pool, quantity in others.items():
        claims.add(pool, quantity)
    given = dict.fromkeys((each.key for each in contenders), 0)

    def give(strategy: Strategy, up_to: Callable[[Contender], int]) -> None:
        for each in contenders:
            if each.strategy == strategy:
                given[each.key] += claims.add(each.pool, up_to(each) - given[each.key])

    give("gain", lambda each: each.has)
    give("win", lambda each: each.wants)
    refuse_all([
        _cannot_win(sku, each, given[each.key])
        for each in contenders if each.strategy == "win" and given[each.key] < each.wants
    ])
    give("gain", lambda each: each.wants)
    _share([each for each in contenders if each.strategy == "fair_share"], claims, given, step)
    give("redistribute", lambda each: each.wants)
    give("fill", lambda each: each.has)
    give("lose", lambda each: each.wants)
    return given


# ------------------------------------------------------------------ fair shares


def fair_shares(total: int, wants: Sequence[int], step: int) -> list[int]:
    """Share a total in proportion to what is wanted, in whole steps, by largest remainder.

    Hamilton's method: everybody gets the whole steps of the exact proportion, and the steps that
    are left over go to the largest remainders; of equal ones to who stands first.

    >>> fair_shares(16, [6, 5, 4, 8, 4, 3], step=1)
    [3, 3, 2, 4, 2, 2]
    """
    shares, by_remainder = _whole_steps(total, wants, step)
    for at in by_remainder[: (min(total, sum(wants)) - sum(shares)) // step]:
        shares[at] += step
    return shares


def _whole_steps(total: int, wants: Sequence[int], step: int) -> tuple[list[int], list[int]]:
    """Return the whole steps of each exact share, and who stands where by what is left of it."""
    wanted = sum(wants)
    if total >= wanted:
        return list(wants), []
    exact = [divmod(total * want, wanted * step) for want in wants]
    by_remainder = sorted(range(len(wants)), key=lambda at: (-exact[at][1], at))
    return [steps * step for steps, _ in exact], by_remainder


def _share(
    sharing: Sequence[Contender], claims: Claims, given: dict[LineKey, int], step: int
) -> None:
    """Return every line the same part of what it wants, as far as its pool can reach it.

    Where pools reach different sources, the pools that can be given the smallest part come first;
    no line's part could be larger without making a smaller one smaller still.
    """
    while sharing:
        wants: dict[str, int] = {}
        for each in sharing:
            wants[each.pool] = wants.get(each.pool, 0) + each.wants
        pools, total = _scarcest(claims, wants)
        lines = [each for each in sharing if each.pool in pools]
        parts, by_remainder = _whole_steps(total, [each.wants for each in lines], step)
        for each, part in zip(lines, parts, strict=True):
            given[each.key] = claims.add(each.pool, part)
        left = total - sum(parts)
        for at in by_remainder:
            added = claims.add(lines[at].pool, min(step, left))
            given[lines[at].key] += added
            left -= added
        sharing = [each for each in sharing if each.pool not in pools]


def _scarcest(claims: Claims, wants: Mapping[str, int]) -> tuple[Collection[str], int]:
    """Find the pools that can be given the smallest part of what they want, and how much it is.

    The same part is tried for all; where it does not fit, the pools that can have no more are
    those for which it is too large, and they are tried alone (Dinkelbach's method). A unit is cut
    into as many pieces as are wanted, so that the part is exact.
    """
    pools: Collection[str] = wants.keys()
    while True:
        wanted = sum(wants[pool] for pool in pools)
        together = claims.in_pieces(1)
        total = sum(together.add(pool, wants[pool]) for pool in pools)
        trial = claims.in_pieces(wanted)
        parts = {pool: total * wants[pool] for pool in pools}
        if not [pool for pool in pools if trial.add(pool, parts[pool]) < parts[pool]]:
            return pools, total
        pools = [pool for pool in pools if not trial.add(pool, 1)]


def _cannot_win(sku: str, contender: Contender, found: int) -> Refusal:
    return Refusal(
        "not_enough_on_hand",
        f"Line {contender.line} of order {contender.order} should win {to_text(contender.wants)} "
        f"of {sku}, but only {to_text(found)} can be allocated to it.",
        sku=sku, order=contender.order, line=contender.line, quantity=to_number(contender.wants),
        allocated=to_number(found), shortfall=to_number(contender.wants - found),
    )
