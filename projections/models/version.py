"""The version of the read models: one number for all of them.

They are folded together, are at one position and replace older ones together. Raise :data:`VERSION`
by one whenever what any of them keeps changes: a column, an index, or what a row means. Every table
has the number in its name, so nothing is ever migrated: a program of the new version builds the new
tables next to the old ones, which a program of the old version may go on using until ``stocktrail
rebuild`` drops them.
"""

VERSION = 11
"""The version of every read model and of its tables."""

TRACKED_AS = f"read_models.v{VERSION}"
"""The name under which the database keeps the position that the read models are at."""

TRACKED_BEFORE = ("orders.v1", *(f"read_models.v{number}" for number in range(7, VERSION)))
"""The names of earlier versions; before version 7 each read model had a number of its own."""


def versioned(name: str) -> str:
    """Return the name of a table of this version.

    >>> versioned("order") == f"order_v{VERSION}"
    True
    """
    return f"{name}_v{VERSION}"


def earlier_names(name: str) -> list[str]:
    """Return the names that earlier versions may have given to a table of this version.

    >>> earlier_names(versioned("order"))[:2]
    ['order_v1', 'order_v2']
    """
    base = name.removesuffix(f"_v{VERSION}")
    return [f"{base}_v{number}" for number in range(1, VERSION)]
