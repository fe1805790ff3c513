"""The form of what to replenish: purchase orders by vendor, transfers, and what is ticked of them.

Every purchase order has a number on the page, and so has every line of it; fields are named after
them (``vendor-0``, ``quantity-0.3``). What was written stays, with an error at its field.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from pydantic import ValidationError
from starlette.datastructures import FormData

from stocktrail.commands.model import Command
from stocktrail.commands.purchasing import PlacePurchaseOrder
from stocktrail.commands.scripts.validation_errors import errors_of
from stocktrail.commands.stock import TransferStock

Row = Mapping[str, Any]

TRANSFERS = "transfers"
"""What the button is called that tries the transfers alone."""

REASON = "replenishment"
_MOST_DIGITS = 9
_DECIMALS = 4


class Share(NamedTuple):
    """What one source is to get of an item: for which needs, and how much of it is moved there."""

    needs: Sequence[Row]
    missing: float
    moved: float

    @property
    def to_order(self) -> float:
        """What is left to order, before it is made whole units."""
        return round(self.missing - self.moved, _DECIMALS)


class LineToOrder(NamedTuple):
    """An item to order, with the name of its fields."""

    key: str
    row: Row
    quantity: float
    share: Share


class ProposedPurchase(NamedTuple):
    """A purchase order as it is proposed: the items of a vendor for one destination."""

    key: str
    vendor: str | None
    destination: str
    purchase_order: str | None
    lines: Sequence[LineToOrder]


class ProposedTransfer(NamedTuple):
    """Units to move, with the name of their fields."""

    key: str
    row: Row
    from_source: str
    to_source: str
    quantity: float
    share: Share


class ReplenishForm(NamedTuple):
    """What was written into the fields, what is ticked (``None``: as proposed), and errors."""

    texts: Mapping[str, str]
    ticked: frozenset[str] | None
    errors: Mapping[str, str]

    def text(self, name: str, otherwise: object) -> str:
        """Return what a field holds."""
        return self.texts.get(name, "" if otherwise is None else str(otherwise))

    def is_ticked(self, key: str, *, proposed: bool) -> bool:
        """Return whether a line is ticked; at first what can be ordered is."""
        return proposed if self.ticked is None else key in self.ticked


AS_PROPOSED = ReplenishForm({}, None, {})


def purchases_of(rows: Iterable[Row]) -> list[ProposedPurchase]:
    """Return the purchase orders that rows propose, in the order of the rows."""
    lines: dict[tuple[str | None, str, str | None], list[tuple[Row, float]]] = {}
    for row in rows:
        for order in row["orders"]:
            key = (row["vendor"], order["destination"], order["purchase_order"])
            lines.setdefault(key, []).append((row, order["quantity"]))
    return [
        ProposedPurchase(str(number), *key, [
            LineToOrder(f"{number}.{place}", row, quantity, _share(row, key[1]))
            for place, (row, quantity) in enumerate(ordered)
        ])
        for number, (key, ordered) in enumerate(lines.items())
    ]


def transfers_of(rows: Iterable[Row]) -> list[ProposedTransfer]:
    """Return the transfers that rows propose."""
    every = [(row, each) for row in rows for each in row["transfers"]]
    return [
        ProposedTransfer(
            f"t.{number}", row, each["from_source"], each["to_source"], each["quantity"],
            _share(row, each["to_source"]),
        )
        for number, (row, each) in enumerate(every)
    ]


def _share(row: Row, source: str) -> Share:
    needs = [need for need in row["needs"] if need["destination"] == source]
    moved = [each["quantity"] for each in row["transfers"] if each["to_source"] == source]
    missing = sum(need["missing"] for need in needs)
    return Share(needs, round(missing, _DECIMALS), round(sum(moved), _DECIMALS))


def sent_form(sent: FormData) -> ReplenishForm:
    """Return what was sent."""
    texts = {name: str(value).strip() for name, value in sent.items() if name != "line"}
    return ReplenishForm(texts, frozenset(map(str, sent.getlist("line"))), {})


def as_before(form: ReplenishForm, rows: Sequence[Row]) -> ReplenishForm:
    """Return a form as it was sent, or as proposed where its fields are of other items by now."""
    purchases = purchases_of(rows)
    items = {f"sku-{line.key}": line.row["sku"] for each in purchases for line in each.lines}
    items |= {f"sku-{each.key}": each.row["sku"] for each in transfers_of(rows)}
    sent = {name: text for name, text in form.texts.items() if name.startswith("sku-")}
    return form if sent == items else AS_PROPOSED


class Ticked(NamedTuple):
    """The commands of what is ticked, and the errors at fields for which there are none."""

    commands: list[Command]
    errors: dict[str, str]


def commands_of(form: ReplenishForm) -> Ticked:
    """Return the commands of the ticked lines: all, or those of the button that was pressed."""
    found = Ticked([], {})
    only = form.texts.get("only", "")
    orders: dict[str, list[str]] = {}
    for key in sorted(form.ticked or (), key=_in_order):
        order, _, _ = key.partition(".")
        if order == "t" and only in ("", TRANSFERS):
            _read(found, TransferStock, {
                "sku": form.text(f"sku-{key}", None),
                "quantity": form.text(f"quantity-{key}", None),
                "from_source": form.text(f"from-{key}", None),
                "to_source": form.text(f"to-{key}", None), "reason": REASON,
            }, {"quantity": f"quantity-{key}"})
        elif order != "t" and only in ("", order):
            orders.setdefault(order, []).append(key)
    for order, keys in orders.items():
        _read_order(found, form, order, keys)
    return found


def _in_order(key: str) -> tuple[bool, list[int]]:
    """Return where a line stands: transfers first, and numbers as such.

    >>> sorted(["10.0", "2.11", "2.2", "t.0"], key=_in_order)
    ['t.0', '2.2', '2.11', '10.0']
    """
    parts = key.split(".")
    return parts[0] != "t", [
        int(part) for part in parts if part.isdecimal() and len(part) < _MOST_DIGITS
    ]


def _read_order(found: Ticked, form: ReplenishForm, order: str, keys: Sequence[str]) -> None:
    everywhere = form.text(f"expected-{order}", None)
    lines, fields = [], {"vendor": f"vendor-{order}", "purchase_order": f"number-{order}"}
    for place, key in enumerate(keys):
        expected = everywhere or form.text(f"expected-{key}", None)
        lines.append({
            "sku": form.text(f"sku-{key}", None), "quantity": form.text(f"quantity-{key}", None),
            **({"expected_date": expected} if expected else {}),
        })
        fields[f"lines/{place}/quantity"] = f"quantity-{key}"
        fields[f"lines/{place}/expected_date"] = f"expected-{order}"
    values = {
        "purchase_order": form.text(f"number-{order}", None),
        "vendor": form.text(f"vendor-{order}", None),
        "source": form.text(f"destination-{order}", None), "lines": lines,
    }
    if not values["vendor"]:
        found.errors[fields["vendor"]] = "Name the vendor to order from."
        return
    _read(found, PlacePurchaseOrder, values, fields)


def _read(
    found: Ticked, model: type[Command], values: dict[str, Any], fields: Mapping[str, str]
) -> None:
    """Add a command, or the errors at the fields that its values were written into."""
    try:
        found.commands.append(model.model_validate(values))
    except ValidationError as error:
        for each in errors_of(error, model, values):
            place = each["pointer"].strip("/")
            found.errors.setdefault(fields.get(place, ""), each["message"])
