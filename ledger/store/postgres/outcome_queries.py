"""Outcomes by the ids of their commands, in a log that is whole and in one of partitions.

New partitions have no index of ids, because it would have to be looked up in every one of them.
"""

from stocktrail.ledger.store.outcome import OUTCOME_COLUMNS

# OFFSET 0 forces the planner to look up each row, even in a table without statistics.
_WHOLE = "(SELECT * FROM commands WHERE command_id = asked.id OFFSET 0)"
_PARTITIONED = (
    "(SELECT sequence FROM command_ids WHERE command_id = asked.id OFFSET 0) i, "
    "LATERAL (SELECT * FROM commands WHERE sequence = i.sequence OFFSET 0)"
)


def outcomes_by_id(ids: str, *, is_partitioned: bool, also: str = "") -> str:
    """Return the query of the outcomes of some ids, with ``also`` some columns before them.

    >>> outcomes_by_id("$1", is_partitioned=False, also="NULL, ")[:30]
    'SELECT NULL, c.command_id, c.f'
    """
    columns = ", ".join(f"c.{name}" for name in OUTCOME_COLUMNS.split(", "))
    rows = _PARTITIONED if is_partitioned else _WHOLE
    return f"SELECT {also}{columns} FROM unnest((SELECT {ids})) asked (id), LATERAL {rows} c"
