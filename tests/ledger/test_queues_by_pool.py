"""The order of open lines by pool: like all of them sorted, whatever was put in and taken out."""

from collections.abc import Iterator
from datetime import date, timedelta

from hypothesis import given as for_all
from hypothesis import strategies as st

from stocktrail.ledger.allocation import Change, Claims, WaitingLine, allocations_to_revoke, serve
from stocktrail.ledger.line_units import OrderLines
from stocktrail.ledger.stock.open_lines import OpenLine, OpenLines
from tests.ledger.test_allocation_is_exact import SmallShop, graphs

POOLS = ["A", "B", "C"]
FIRST = date(2026, 3, 1)

LINES = st.builds(
    lambda number, at, has, lacks, priority, days: OpenLine(
        f"SO-{number % 5}", number, POOLS[number % 3], has + lacks, has, priority,
        FIRST + timedelta(days), at,
    ),
    st.integers(0, 11), st.integers(1, 99), st.integers(0, 2), st.integers(0, 2),
    st.integers(1, 2), st.integers(0, 2),
)
"""Lines, some of which stand for the same one at another time."""


@for_all(st.lists(st.tuples(st.booleans(), LINES), max_size=40), st.integers(0, 40))
def test_lines_come_in_queue_order_and_from_the_end_without_the_pools_that_are_passed_over(
    steps: list[tuple[bool, OpenLine]], first_held: int
) -> None:
    lines: OpenLines[OpenLine] = OpenLines()
    for number, (comes, line) in enumerate(steps):
        if number == first_held:
            list(lines.holding())
        if comes:
            lines.put(line)
        elif line.key in lines:
            lines.take_out(line.key)
    in_order = sorted(lines.values(), key=lambda line: line.queue_key)
    waiting = [line for line in in_order if line.backordered]
    holding = [line for line in reversed(in_order) if line.allocated]
    assert lines.queue_keys == [line.queue_key for line in waiting]
    for of_those in (lines, lines.copy(), OpenLines(lines)):
        assert list(of_those.waiting()) == waiting
        assert list(of_those.holding()) == holding
    for of_order in range(5):
        named = OrderLines(f"SO-{of_order}", range(12))
        assert lines.of_order(named) == [line for line in in_order if line.order == named.order]

    passed: set[str] = set()
    found = []
    for line in lines.waiting(passed):
        found.append(line)
        if line.remaining > 2:
            passed.add(line.pool)
    expected, gone = [], set[str]()
    for line in waiting:
        if line.pool not in gone:
            expected.append(line)
            if line.remaining > 2:
                gone.add(line.pool)
    assert found == expected


def revoked_from_the_front(lines: list[WaitingLine], shop: SmallShop) -> list[Change]:
    """Let each line in queue order keep what can be claimed; the slow way to the same answer."""
    claims = Claims(shop.on_hand, shop.sources_of)
    kept = [claims.add(line.pool, line.allocated) for line in lines]
    return [
        Change(line.order, line.line, line.pool, keeps - line.allocated)
        for line, keeps in zip(lines, kept, strict=True) if keeps < line.allocated
    ]


@for_all(st.data())
def test_what_is_taken_from_the_end_is_what_lines_at_the_front_leave(data: st.DataObject) -> None:
    sources_of = data.draw(graphs())
    sources = sorted({source for reach in sources_of.values() for source in reach})
    on_hand = data.draw(st.dictionaries(st.sampled_from(sources), st.integers(0, 30)))
    drawn = data.draw(st.lists(
        st.tuples(st.sampled_from(sorted(sources_of)), st.integers(1, 9)), max_size=25
    ))
    lines = [WaitingLine(f"SO-{n}", 1, pool, has, 0) for n, (pool, has) in enumerate(drawn)]
    allocated: dict[str, int] = {}
    for line in lines:
        allocated[line.pool] = allocated.get(line.pool, 0) + line.allocated
    shop = SmallShop(on_hand, sources_of, allocated)
    expected = revoked_from_the_front(lines, shop)

    keeping: set[str] = set()
    looked_at = []

    def holding() -> Iterator[WaitingLine]:
        for line in reversed(lines):
            if line.pool not in keeping:
                looked_at.append(line)
                yield line

    assert allocations_to_revoke(holding(), allocated, on_hand, sources_of, keeping) == expected
    assert len(looked_at) <= len(expected) + len(sources_of)


def test_lines_of_a_pool_that_keeps_or_gets_no_more_may_be_shown_all_the_same() -> None:
    sources_of = {"A": ["shared"], "B": ["of-b"]}
    lines = [WaitingLine(f"SO-{n}", 1, pool, 2, 2) for n, pool in enumerate("AAB")]
    revoked = allocations_to_revoke(
        [lines[1], lines[0], lines[2]], {"A": 4, "B": 2}, {"shared": 3, "of-b": 1}, sources_of,
        keeping=set(),
    )
    assert revoked == [Change("SO-2", 1, "B", -1), Change("SO-1", 1, "A", -1)]
    claims = Claims({"shared": 1, "of-b": 1}, sources_of)
    assert list(serve(lines, claims)) == [Change("SO-0", 1, "A", 1), Change("SO-2", 1, "B", 1)]
