"""The product: what an item is, apart from its units and lines.

It is a part of the aggregate :class:`~stocktrail.ledger.stock.state.ProductStock`. Snapshots and
the read model of stock levels keep it in the same serial form.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self


class Product(NamedTuple):
    """An item as it was last described: all values are JSON values.

    A field that is added here with a default is in snapshots and read models without further
    changes: defaults are left out of the serial form, so what was written before stays valid.
    """

    name: str | None = None
    decimal: bool = False
    unit: str | None = None
    attributes: Mapping[str, Any] = {}

    def to_state(self) -> dict[str, Any]:
        """Return the values that differ from the default, by name.

        >>> Product(name="Lamp").to_state()
        {'name': 'Lamp'}
        """
        defaults = self._field_defaults
        return {
            name: value for name, value in zip(self._fields, self, strict=True)
            if value != defaults[name]
        }

    @classmethod
    def of_state(cls, state: Mapping[str, Any]) -> Self:
        """Return the product of a serial form, which may hold other things too.

        >>> Product.of_state({"name": "Lamp", "on_hand": {}})
        Product(name='Lamp', decimal=False, unit=None, attributes={})
        """
        return cls(**{name: state[name] for name in cls._fields if name in state})


UNDESCRIBED = Product()
"""An item that was never described."""
