"""Documents of forms: a command about an order or a purchase order begins with its open lines.

Each line is a row of the form, filled in with what remains of it. A row of which nothing is written
besides its line is left out; so is one of units whose quantity is 0.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from stocktrail.ledger.refusal import Refusal
from stocktrail.projections import ReadModels
from stocktrail.projections.questions.order import OrderStatus
from stocktrail.projections.questions.purchase_order import PurchaseOrderStatus

MOST_LINES = 500
"""Of how many lines a form is made; one about more begins empty, and is then about all of them."""

Line = Mapping[str, Any]
Texts = Mapping[str, str]

_LINES = "lines"
_INPUT = re.compile(rf"{_LINES}-(?P<row>[0-9]+)-(?P<part>[a-z_]+)")
_NOTHING = frozenset(("", "0"))


class DocumentLine(NamedTuple):
    """A line that a form can be about: what is said of it, and what its row begins with."""

    number: str
    sku: str
    about: str
    values: Texts


class FormDocument(NamedTuple):
    """The open lines of the document that a form is about, by their numbers.

    ``is_of_units`` is one whose rows say how many units: at least one of them has to.
    """

    lines: Mapping[str, DocumentLine]
    is_of_units: bool

    def texts(self) -> dict[str, str]:
        """Return the texts that a form begins with."""
        found: dict[str, str] = {}
        for row, line in enumerate(self.lines.values()):
            found[f"{_LINES}-{row}-line"] = line.number
            found |= {f"{_LINES}-{row}-{name}": text for name, text in line.values.items()}
        return found

    def without_left_out(self, texts: Texts) -> dict[str, str]:
        """Return the texts of a form without the rows of lines that are left out."""
        rows: dict[str, dict[str, str]] = {}
        for name, text in texts.items():
            if written := _INPUT.fullmatch(name):
                rows.setdefault(written["row"], {})[written["part"]] = text.strip()
        out = {
            f"{_LINES}-{row}-{part}" for row, parts in rows.items() if self._is_left_out(parts)
            for part in parts
        }
        return {name: text for name, text in texts.items() if name not in out}

    def _is_left_out(self, parts: Texts) -> bool:
        if self.is_of_units:
            return parts.get("quantity", "") in _NOTHING
        return not any(text for part, text in parts.items() if part != "line")


class _Kind(NamedTuple):
    """What the form of a command takes of each line; ``None`` where the line is none of it."""

    key: str
    of_line: Callable[[Line], tuple[str, Texts] | None]
    is_of_units: bool


def _to_come(line: Line) -> tuple[str, Texts] | None:
    if not line["remaining"]:
        return None
    return _about_receipt(line), {"quantity": str(line["remaining"])}


def _terms(line: Line) -> tuple[str, Texts] | None:
    return (_about_receipt(line), {}) if line["remaining"] else None


def _about_receipt(line: Line) -> str:
    when = f"expected {line['expected_date']}" if line["expected_date"] else "no date known"
    return f"{line['remaining']} of {line['ordered']} to come, {when}"


def _to_ship(line: Line) -> tuple[str, Texts] | None:
    units = line["allocated"] if line["managed"] else line["remaining"]
    if not units:
        return None
    return f"{units} of {line['remaining']} can ship", {"quantity": str(units)}


def _to_cancel(line: Line) -> tuple[str, Texts] | None:
    if not line["remaining"]:
        return None
    return f"{line['remaining']} of {line['ordered']} open", {"quantity": str(line["remaining"])}


def _to_refund(line: Line) -> tuple[str, Texts] | None:
    with_customer = line["shipped"] - line["returned"] - line["written_off"]
    if not with_customer and not line["remaining"]:
        return None
    about = f"{with_customer} shipped, {line['remaining']} open"
    return about, {"quantity": "", "outcome": "return" if with_customer else "release"}


def _to_reschedule(line: Line) -> tuple[str, Texts] | None:
    if not line["remaining"]:
        return None
    return f"{line['remaining']} of {line['ordered']} open", {
        "requested_date": str(line["requested_date"])}


_KINDS = {
    "receive-goods": _Kind("purchase_order", _to_come, True),
    "cancel-purchase-order": _Kind("purchase_order", _to_come, True),
    "confirm-purchase-order": _Kind("purchase_order", _terms, False),
    "delay-purchase-order": _Kind("purchase_order", _terms, False),
    "ship-order": _Kind("order", _to_ship, True),
    "cancel-order": _Kind("order", _to_cancel, True),
    "refund-order": _Kind("order", _to_refund, True),
    "reschedule-order": _Kind("order", _to_reschedule, False),
}


def has_document(command: str) -> str | None:
    """Return the field of a command that names the document its form begins from, if any does."""
    return _KINDS[command].key if command in _KINDS else None


def document_of(models: ReadModels, command: str, key: str) -> FormDocument | None:
    """Return the lines that a form is made of; ``None`` for an unknown document, and a long one."""
    kind = _KINDS[command]
    question = OrderStatus if kind.key == "order" else PurchaseOrderStatus
    try:
        lines = question.model_validate({kind.key: key}).answer(models)["lines"]
    except (Refusal, ValidationError):
        return None
    found: dict[str, DocumentLine] = {}
    for line in lines:
        taken = kind.of_line(line)
        if taken is not None:
            number = str(line["line"])
            found[number] = DocumentLine(number, line["sku"], *taken)
    return FormDocument(found, kind.is_of_units) if 0 < len(found) <= MOST_LINES else None
