"""New ids: of documents that a form makes, so that nobody has to think of one."""

import secrets

_PREFIXES = {
    ("place-order", "order"): "SO", ("place-purchase-order", "purchase_order"): "PO",
    ("ship-order", "shipment"): "S", ("receive-goods", "receipt"): "R",
    ("refund-order", "refund"): "RF",
}


def new_id(prefix: str) -> str:
    """Return a new id of a document, such as ``S-5f0c21aa`` for a shipment."""
    return f"{prefix}-{secrets.token_hex(4)}"


def prefix_of(command: str, field: str) -> str | None:
    """Return what the ids begin with that a field of a command makes; ``None`` if it makes none.

    >>> prefix_of("ship-order", "shipment"), prefix_of("ship-order", "order")
    ('S', None)
    """
    return _PREFIXES.get((command, field))
