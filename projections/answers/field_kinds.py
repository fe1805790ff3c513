"""What the fields of commands and questions name: an item, a customer, a source and so on.

Forms and shells offer what there is of a kind while a field is filled in.
"""

from collections.abc import Mapping

KINDS_OF_FIELDS: Mapping[str, str] = {
    "sku": "item", "item": "item", "customer": "customer", "vendor": "vendor", "order": "order",
    "from_order": "order", "to_order": "order", "purchase_order": "purchase_order",
    "source": "source", "from_source": "source", "to_source": "source", "sources": "source",
    "pool": "pool",
}
"""What the fields of commands and questions name, by their own name."""

_NEW = frozenset((
    ("register-product", "sku"), ("place-order", "order"), ("register-source", "source"),
    ("place-purchase-order", "purchase_order"), ("define-pool", "pool"),
))
"""The fields that name what is not there yet."""


def chosen_by(command: str, field: str) -> str | None:
    """Return the kind of thing that a field of a command names, ``None`` where it names a new one.

    >>> chosen_by("receive-stock", "sku"), chosen_by("register-product", "sku")
    ('item', None)
    """
    return None if (command, field) in _NEW else KINDS_OF_FIELDS.get(field)
