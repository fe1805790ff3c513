"""The product: what an item is, whatever lies where and whoever waits for it.

It is a part of the aggregate :class:`~stocktrail.ledger.stock.state.ProductStock`, and small enough
to be read whole wherever anything is decided or shown. Its one serial form stands in snapshots and
in the read model of stock levels alike.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple, Self


class Product(NamedTuple):
    """An item as it was last described: all values are JSON values.

    A field that is added here, with a default in :data:`UNDESCRIBED`, is kept in snapshots and
    read models by that alone: what a product has by default is left out of its serial form, so
    what was written before stays as it is.
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
