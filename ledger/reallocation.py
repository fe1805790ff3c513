"""Reallocation: distributing the units of an item anew among the lines that want them.

The strategies are those of SAP's backorder processing, decided in this order:

1. every ``gain`` line keeps what it has;
2. every ``win`` line gets all that it wants, or the whole reallocation is refused;
3. ``gain`` lines get up to what they want;
4. ``redistribute`` lines get what is left, in queue order, whatever they had;
5. ``fill`` lines get back at most what they had;
6. what nobody else took goes to ``lose`` lines, then to ``fill`` lines, in queue order: units are
   never left free while a line that could take them waits.

``fair_share`` gives every line the same part of what it wants. The parts are whole steps, and the
steps that rounding leaves over go to the largest remainders (Hamilton's method).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from ledger.allocation import Claims
from ledger.quantity import to_text
from ledger.refusal import Refusal
from ledger.stock.events import Strategy


class Contender(NamedTuple):
    """A line that takes part: what it wants in all, what it has, and how it is treated."""

    order: str
    line: int
    pool: str
    wants: int
    has: int
    strategy: Strategy


Place = tuple[str, int]
"""Order and line of a contender."""


def reallocate(
    contenders: Sequence[Contender],
    others: Mapping[str, int],
    on_hand: Mapping[str, int],
    sources_of: Mapping[str, Sequence[str]],
    step: int,
) -> dict[Place, int]:
    """Distribute what may be sold of an item, and return what each contender has then.

    ``contenders`` stand in queue order. ``others`` counts what the lines that take no part have, by
    pool; ``step`` is the smallest part of the item that can be shared out. Raises a refusal when
    a ``win`` line cannot get all that it wants.
    """
    claims = Claims(on_hand, sources_of)
    for pool, quantity in others.items():
        claims.add(pool, quantity)
    given = dict.fromkeys(((each.order, each.line) for each in contenders), 0)

    def give(strategy: Strategy, up_to: Callable[[Contender], int]) -> None:
        for each in contenders:
            if each.strategy == strategy:
                place = (each.order, each.line)
                given[place] += claims.add(each.pool, up_to(each) - given[place])

    give("gain", lambda each: each.has)
    give("win", lambda each: each.wants)
    for each in contenders:
        if each.strategy == "win" and given[each.order, each.line] < each.wants:
            raise _cannot_win(each, given[each.order, each.line])
    give("gain", lambda each: each.wants)
    _share(contenders, claims, given, step)
    give("fair_share", lambda each: each.wants)
    give("redistribute", lambda each: each.wants)
    give("fill", lambda each: min(each.has, each.wants))
    give("lose", lambda each: each.wants)
    give("fill", lambda each: each.wants)
    return given


def fair_shares(total: int, wants: Sequence[int], step: int) -> list[int]:
    """Share a total in proportion to what is wanted, in whole steps, by largest remainder.

    Equal remainders go to who stands first.

    >>> fair_shares(16, [6, 5, 4, 8, 4, 3], step=1)
    [3, 3, 2, 4, 2, 2]
    """
    wanted = sum(wants)
    if total >= wanted:
        return list(wants)
    steps = total // step
    shares = [steps * want // wanted for want in wants]
    remainders = [steps * want % wanted for want in wants]
    by_remainder = sorted(range(len(wants)), key=lambda at: (-remainders[at], at))
    for at in by_remainder[: steps - sum(shares)]:
        shares[at] += 1
    return [min(share * step, want) for share, want in zip(shares, wants, strict=True)]


def _share(
    contenders: Sequence[Contender], claims: Claims, given: dict[Place, int], step: int
) -> None:
    sharing = [each for each in contenders if each.strategy == "fair_share"]
    shares = fair_shares(claims.total_left, [each.wants for each in sharing], step)
    for each, share in zip(sharing, shares, strict=True):
        given[each.order, each.line] += claims.add(each.pool, share)


def _cannot_win(contender: Contender, found: int) -> Refusal:
    return Refusal(
        "not_enough_on_hand",
        f"Line {contender.line} of order {contender.order} should win {to_text(contender.wants)}, "
        f"but only {to_text(found)} can be allocated to it.",
        order=contender.order, line=contender.line,
    )
